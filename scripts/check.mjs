// `npm run check`: types, lint and format, without the tests.
import { runChecks } from './lib/checks.mjs';
import { setUp } from './lib/setup.mjs';

setUp();
const failed = await runChecks();
process.exit(failed.length === 0 ? 0 : 1);
