// `npm run demo`: two tiny mail servers, a real nginx, the gateway. Three people log in; then the plugin list changes and nginx does not.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { root, setUp } from './lib/setup.mjs';

setUp();
const { runDemo } = await import(pathToFileURL(join(root, 'examples/demo/demo.mjs')).href);
process.exitCode = await runDemo();
