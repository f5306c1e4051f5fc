export { cachePlugin } from './plugin.js';
