export { sqlPlugin } from './plugin.js';
