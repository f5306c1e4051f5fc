export { ldapPlugin } from './plugin.js';
