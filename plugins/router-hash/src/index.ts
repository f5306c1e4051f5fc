export { hashPlugin } from './plugin.js';
