// `npm run audit`: asks the registry whether anything that is installed at run time has a known hole. Ends with 1 when so, and with 2
// when the registry does not say: "no" and "cannot tell" are different.
import { spawnSync } from 'node:child_process';
import { bringPnpm, fail, root, say } from './lib/setup.mjs';

const { stdout, error } = spawnSync(process.execPath, [bringPnpm(), 'audit', '--prod', '--json'], { cwd: root, encoding: 'utf8' });
if (error) fail(`pnpm could not be started: ${error.message}`);

const read = () => {
  try {
    return JSON.parse(stdout);
  } catch {
    return fail(`pnpm said nothing that can be read: ${stdout.slice(0, 200)}`);
  }
};

const { advisories, metadata, error: refused } = read();
if (refused !== undefined || advisories === undefined)
  fail(`the registry does not tell: ${refused?.message ?? 'no advisories in its answer'}`);
for (const { severity, module_name: name, findings, title, url } of Object.values(advisories)) {
  say(`${severity}: ${name} ${findings.map(({ version }) => version).join(', ')}: ${title} (${url})`);
}
say(`${Object.keys(advisories).length} known holes in ${metadata?.totalDependencies ?? 'all'} packages`);
process.exitCode = Object.keys(advisories).length === 0 ? 0 : 1;
