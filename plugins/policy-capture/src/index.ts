export { capturePlugin } from './plugin.js';
