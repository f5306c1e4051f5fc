// `npm run bench`: the doors against bare servers, memory, routers. `npm run bench -- --help` says what there is.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './lib/setup.mjs';

setUp();
const { main } = await import(pathToFileURL(join(root, 'bench/main.mjs')).href);
process.exitCode = await main(process.argv.slice(2));
