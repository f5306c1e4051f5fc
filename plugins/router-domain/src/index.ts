export { domainPlugin } from './plugin.js';
