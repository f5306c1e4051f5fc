import { say, setUp } from './lib/setup.mjs';

setUp();
say('built; run it with: node apps/gateway/bin/postern.js serve -c FILE');
