// `npm run test:node -- 22|24`: the whole suite on another Node, which the npm package `node` brings.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fail, root, run, say } from './lib/setup.mjs';

const versions = { 22: '22.23.3', 24: '24.21.0' };
const [major, ...rest] = process.argv.slice(2);
const version = versions[major];
if (version === undefined) fail(`usage: npm run test:node -- ${Object.keys(versions).join('|')} [jest arguments]`);

const folder = join(root, '.postern', `node-${version}`);
const node = join(folder, 'node_modules', 'node', 'bin', 'node');
if (!existsSync(node)) {
  say(`bringing Node ${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], {
    quiet: true,
    cwd: folder,
  });
}
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
process.exit(spawnSync(node, [join(root, 'scripts/test.mjs'), ...rest], { cwd: root, stdio: 'inherit', env }).status ?? 1);
