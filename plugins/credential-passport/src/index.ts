export { passportPlugin } from './plugin.js';
export type { Strategy } from './strategy.js';
