// `npm run check`: types, lint and format, without the tests.
import { runChecks } from './lib/checks.mjs';
import { setUp } from './lib/setup.mjs';

setUp();
process.exit(runChecks().length === 0 ? 0 : 1);
