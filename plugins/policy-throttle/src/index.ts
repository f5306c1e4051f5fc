export { throttlePlugin } from './plugin.js';
