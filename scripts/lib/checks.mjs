// Types, lint, format: each a command whose failure is shown whole.
import { execFile } from 'node:child_process';
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

const passes = ({ name, command: [program, ...args] }) =>
  new Promise((resolve) => {
    execFile(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      say(`${name} ${error === null ? 'ok' : 'FAILED'}`);
      if (error !== null) process.stderr.write(`${stdout}${stderr}`);
      resolve(error === null);
    });
  });

/** Runs all of them at once; resolves to the names of those that failed. */
export const runChecks = async () => {
  const passed = await Promise.all(checks.map(passes));
  return checks.filter((_, index) => !passed[index]).map(({ name }) => name);
};
