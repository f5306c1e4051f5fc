// `npm run audit`: asks the registry whether anything that is installed at run time has a known hole. Ends with 1 when so, and with 2
// when the registry does not say: "no" and "cannot tell" are different.
import { spawnSync } from 'node:child_process';
import { auditAnswer } from './lib/audit-answer.mjs';
import { bringPnpm, fail, root, say } from './lib/setup.mjs';

const { stdout, error } = spawnSync(process.execPath, [bringPnpm(), 'audit', '--prod', '--json'], { cwd: root, encoding: 'utf8' });
if (error) fail(`pnpm could not be started: ${error.message}`);

const answer = auditAnswer(stdout);
if (answer.kind === 'unknown') fail(`whether there are known holes cannot be told: ${answer.reason}`);
for (const hole of answer.holes) say(hole);
say(`${answer.holes.length} known holes in ${answer.packages} packages`);
process.exitCode = answer.holes.length === 0 ? 0 : 1;
