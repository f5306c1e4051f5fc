// Types, lint, format: each a command whose failure is shown whole.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from './setup.mjs';

const bin = (name, path) => [process.execPath, join(root, 'node_modules', name, path)];

const checks = [
  { name: 'types', command: [...bin('typescript', 'bin/tsc'), '-p', 'tsconfig.tests.json', '--pretty', 'false'] },
  {
    name: 'lint',
    command: [
      ...bin('eslint', 'bin/eslint.js'),
      '--max-warnings',
      '0',
      '--cache',
      '--cache-location',
      '.postern/eslint',
      'packages',
      'plugins',
      'apps',
      'test',
      'examples',
    ],
  },
  {
    name: 'format',
    command: [
      ...bin('prettier', 'bin/prettier.cjs'),
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      '.postern/prettier',
      '.',
    ],
  },
];

const passes = ({ name, command: [program, ...args] }) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  say(`${name} ${status === 0 ? 'ok' : 'FAILED'}`);
  if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
  return status === 0;
};

/** Runs all of them; answers the names of those that failed. */
export const runChecks = () => checks.filter((check) => !passes(check)).map(({ name }) => name);
