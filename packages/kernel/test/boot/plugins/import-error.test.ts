import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { importError } from '../../../src/boot/plugins/import-error.js';

const run = promisify(execFile);

/** What a Node of its own throws for a file; the test runner's loader words things its own way. */
const thrownBy = async (file: string): Promise<unknown> => {
  const code = `import(${JSON.stringify(`file://${file}?v=7-1`)}).catch(({ name, message, code, stack }) => console.log(JSON.stringify({ name, message, code, stack })))`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code]);
  return JSON.parse(stdout) as unknown;
};

describe('an error while a plugin is imported', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-import-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const errorOf = async (files: Readonly<Record<string, string>>): Promise<{ readonly message: string; readonly hint: string }> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const file = join(folder, Object.keys(files)[0] ?? '');
    const { message, hint } = importError(file, await thrownBy(file), ['@postern/contract', 'zod']);
    return { message: message.replaceAll(folder, '…'), hint: hint.replaceAll(folder, '…') };
  };

  it.each([
    [
      'the line that threw',
      { 'a.mjs': 'const none = undefined;\n\nexport default none.foo;' },
      "running …/a.mjs failed at line 3: Cannot read properties of undefined (reading 'foo')",
      'Mend the plugin; postern verify …/a.mjs tries it alone.',
    ],
    [
      'the line of a file that it imports',
      { 'a.mjs': "import './b.mjs';", 'b.mjs': '\nthrow new Error("no luck");' },
      'running …/a.mjs failed at …/b.mjs:2: no luck',
      'Mend the plugin; postern verify …/a.mjs tries it alone.',
    ],
    [
      'how to find what does not parse',
      { 'a.mjs': 'const x = ;' },
      "running …/a.mjs failed: Unexpected token ';'",
      'node --check …/a.mjs shows the place.',
    ],
    [
      'the package that is missing, and where',
      { 'a.mjs': "import 'not-there/deep.js';" },
      "running …/a.mjs failed: Cannot find package 'not-there' imported from …/a.mjs",
      'npm install not-there in ….',
    ],
    [
      'the scope of a package that is missing',
      { 'a.mjs': "import '@acme/not-there';" },
      "running …/a.mjs failed: Cannot find package '@acme/not-there' imported from …/a.mjs",
      'npm install @acme/not-there in ….',
    ],
    [
      'that require is not lent anything',
      { 'a.cjs': "\nrequire('@postern/contract');" },
      "running …/a.cjs failed at line 2: Cannot find module '@postern/contract'",
      'The gateway lends it to import, not to require: write import in a file that ends with .mjs. Or npm install @postern/contract in ….',
    ],
    [
      'no package where a file is missing',
      { 'a.mjs': "import './gone.mjs';" },
      "running …/a.mjs failed: Cannot find module '…/gone.mjs' imported from …/a.mjs",
      'Mend the plugin; postern verify …/a.mjs tries it alone.',
    ],
  ])('tells %s', async (_, files, message, hint) => {
    expect(await errorOf(files)).toEqual({ message, hint });
  });

  it.each([undefined, null, 'text', 7, {}, { message: 5, stack: 5 }])('survives %j', (thrown) => {
    expect(importError('/x.mjs', thrown, [])).toMatchObject({ step: 'import', message: expect.stringContaining('/x.mjs failed: ') });
  });
});
