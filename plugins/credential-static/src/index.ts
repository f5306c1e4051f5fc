export { staticPlugin } from './plugin.js';
