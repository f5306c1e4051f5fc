export { permitPlugin } from './plugin.js';
