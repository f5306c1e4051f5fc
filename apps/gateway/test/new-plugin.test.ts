import 'reflect-metadata';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bundledPlugins } from '../src/plugins.js';
import { type Run, runIn } from './support/command-line.js';
import { ConfigFolder } from './support/config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const run = (...words: readonly string[]): Promise<Run> => runIn(folder, ['new', ...words]);

const filesOf = (name: string): string[] =>
  readdirSync(join(folder.path, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder.path, name).length + 1))
    .sort();

const textOf = (...path: string[]): string => readFileSync(join(folder.path, ...path), 'utf8');

describe('postern new', () => {
  it.each(['credential', 'router', 'policy'])('writes a whole plugin of the role %s, in TypeScript or JavaScript', async (role) => {
    const { code, out } = await run(role, 'badge-2');
    expect(code).toBe(0);
    expect(out).toContain('cd badge-2');
    const files = filesOf('badge-2');
    expect(files).toEqual(
      expect.arrayContaining(['.gitignore', 'README.md', 'package.json', 'postern.yaml', 'src/index.ts', 'test/conformance.test.ts']),
    );
    expect((await run(role, 'badge-3', '--js')).code).toBe(0);
    expect(filesOf('badge-3').filter((file) => file.endsWith('.ts') || file === 'tsconfig.json')).toEqual([]);
    for (const name of ['badge-2', 'badge-3']) {
      for (const file of filesOf(name)) expect(textOf(name, file)).not.toMatch(/PLUGIN_|_placeholder/);
    }
    expect(JSON.parse(textOf('badge-2', 'package.json'))).toMatchObject({
      name: `postern-${role}-badge-2`,
      peerDependencies: { '@postern/contract': '^0.1.0' },
      devDependencies: { '@postern/testkit': '^0.1.0' },
    });
  });

  it('names packed packages where it is told to, as seen from the new folder', async () => {
    for (const name of ['contract', 'testkit']) folder.add(`packed/postern-${name}-0.1.0.tgz`, '');
    expect((await run('router', 'mine', '--from', 'packed', '--dir', 'plugins/ours')).code).toBe(0);
    expect(JSON.parse(textOf('plugins/ours/mine/package.json'))).toMatchObject({
      devDependencies: { '@postern/contract': 'file:../../../packed/postern-contract-0.1.0.tgz' },
    });
  });

  it('writes nothing where the packed packages are missing, or there twice', async () => {
    expect(await run('router', 'mine', '--from', 'packed')).toMatchObject({ code: 2, err: expect.stringContaining('npm run pack') });
    folder.add('packed/postern-contract-0.1.0.tgz', '');
    expect(await run('router', 'mine', '--from', 'packed')).toMatchObject({
      code: 2,
      err: expect.stringContaining('postern-testkit-VERSION'),
    });
    folder.add('packed/postern-contract-0.2.0.tgz', '');
    expect(await run('router', 'mine', '--from', 'packed')).toMatchObject({ code: 2, err: expect.stringContaining('there are several') });
    expect(readdirSync(folder.path)).toEqual(['packed']);
  });

  it.each<[what: string, make: (path: string) => void]>([
    ['a folder', (path) => mkdirSync(path)],
    ['a file', (path) => folder.add(path.slice(folder.path.length), 'mine')],
    ['a link to nowhere', (path) => symlinkSync('/nowhere/at/all', path)],
  ])('never overwrites %s of its name', async (_what, make) => {
    make(join(folder.path, 'mine'));
    expect(await run('policy', 'mine')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('is there already') });
    expect(readdirSync(folder.path)).toEqual(['mine']);
  });

  it('is not given the name of a bundled plugin', async () => {
    for (const [use, { role }] of bundledPlugins) {
      const { code, err } = await run('credential', use);
      expect({ code, said: err.includes(`"${use}" is the word of a bundled ${role.replace('-', ' ')}`) }).toEqual({ code: 2, said: true });
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it.each([
    '',
    '.',
    '..',
    '../up',
    'a/b',
    '/tmp/x',
    'Badge',
    '1st',
    'a--b',
    'a-',
    'a b',
    'a\nb',
    '__proto__',
    '$(id)',
    'a'.repeat(41),
    'bädge',
  ])('says what a name must be when it is given %j', async (name) => {
    const { code, err } = await run('router', '--', name);
    expect({ code, files: readdirSync(folder.path) }).toEqual({ code: 2, files: [] });
    expect(err).toContain('is no name for a plugin');
  });

  it('never writes outside the folder it names, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.stringMatching(/^[a-z./-]{0,8}$/)), async (name) => {
        const inner = new ConfigFolder();
        try {
          mkdirSync(join(inner.path, 'in'));
          await runIn(inner, ['new', 'policy', '--dir', 'in', '--', name]);
          expect(readdirSync(inner.path)).toEqual(['in']);
          expect(readdirSync(join(inner.path, 'in')).every((made) => made === name)).toBe(true);
        } finally {
          inner.remove();
        }
      }),
      { numRuns: 50 },
    );
  });
});
