export type { Answerer, DoorName, RefusedRequest } from './answerer.js';
export { bundledPlugins } from './plugins.js';
