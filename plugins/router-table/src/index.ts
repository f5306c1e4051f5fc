export { tablePlugin } from './plugin.js';
