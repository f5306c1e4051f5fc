export { imapPlugin } from './plugin.js';
