// `npm start`: the quickstart gateway, in this very process so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './lib/setup.mjs';

setUp();
if (process.argv.length === 2) process.argv.push('serve', '-c', join(root, 'examples/quickstart/postern.yaml'));
await import(pathToFileURL(join(root, 'apps/gateway/bin/postern.js')).href);
