// `npm run docs`: writes the generated parts of docs/ anew. `npm test` compares them.
import { join } from 'node:path';
import { root, run, setUp } from './lib/setup.mjs';

setUp({ compiled: false });
run(
  process.execPath,
  ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(root, 'node_modules/jest/bin/jest.js'), 'generated-docs'],
  {
    env: { ...process.env, POSTERN_WRITE_DOCS: '1' },
  },
);
run(process.execPath, [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', 'docs']);
