// `npm run postern -- COMMAND`: the gateway's own command line on a checkout.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { root, setUp } from './lib/setup.mjs';

setUp();
// npm changes to the repository's root; a file named on the command line is relative to where the person stands.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(pathToFileURL(join(root, 'apps/gateway/bin/postern.js')).href);
