import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModulePlugins } from '@postern/kernel';
import { ConfigRoom } from './support/config-room.js';
import { samplePlugins } from './support/sample-plugins.js';

/** A plugin that needs nothing installed: `config` only has to speak like a zod schema. */
const plugin = (more = '', name = 'plugin'): string => `
const config = { safeParseAsync: async (data) => ({ success: true, data }), safeParse: (data) => ({ success: true, data }) };
export const ${name} = { apiVersion: 1, role: 'credential-store', use: 'mine', config, create: () => ({}) ${more} };
`;

const using = (use: string): string => `plugins:\n  - use: ${JSON.stringify(use)}\n  - use: table`;

describe('loading a plugin', () => {
  let room: ConfigRoom;

  beforeEach(async () => {
    room = await ConfigRoom.open();
  });
  afterEach(() => room.close());

  const installed = (name: string, manifest: object, files: Readonly<Record<string, string>>): Promise<unknown> =>
    Promise.all(
      Object.entries({ ...files, 'package.json': JSON.stringify({ name, ...manifest }) }).map(([file, content]) =>
        room.write(`node_modules/${name}/${file}`, content),
      ),
    );

  it.each(['./plugins/mine.mjs', './plugins/../plugins/mine.mjs'])('takes a path relative to the config file: %s', async (use) => {
    await room.write('plugins/mine.mjs', plugin());
    const { config } = await room.read(using(use));
    expect(config?.plugins[0]?.plugin.use).toBe('mine');
  });

  it.each(['process.exit(0)', 'await null; process.exit(0)', 'try { process.exit(0) } catch {}'])(
    'tells of one that would end the process: %s',
    async (ending) => {
      await room.write('mine.mjs', `${ending}\n${plugin()}`);
      // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was, never called
      const { exit } = process;
      const ended: unknown[] = [];
      process.exit = (code) => void ended.push(code) as never;
      const { problems } = await room.read(using('./mine.mjs')).finally(() => (process.exit = exit));
      expect(ended).toEqual([]);
      expect(problems.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/mine\.mjs failed at line 1: it ends the process/),
      );
    },
  );

  it.each([
    ['mine.js', './mine.js'],
    ['lib/mine.mjs', './lib/mine.mjs'],
  ])('says how %s is written as a path', async (use, path) => {
    await room.write(use, plugin());
    const { problems } = await room.read(using(use));
    expect(problems.map(({ hint }) => hint)).toContainEqual(expect.stringContaining(path));
  });

  it('takes .js where package.json says that it is an ES module', async () => {
    await room.write('package.json', '{ "type": "module" }');
    await room.write('mine.js', plugin());
    expect(await room.errors(using('./mine.js'))).toEqual([]);
  });

  it.each([
    ['only for import', { type: 'module', exports: { '.': { import: './lib/index.js' } } }, 'mine-a', 'mine-a'],
    ['as a plain text', { type: 'module', exports: './lib/index.js' }, 'mine-b', 'mine-b'],
    [
      'by conditions without a subpath',
      { type: 'module', exports: { types: './x.d.ts', node: { import: './lib/index.js' } } },
      'mine-c',
      'mine-c',
    ],
    ['as main', { type: 'module', main: 'lib/index.js' }, 'mine-d', 'mine-d'],
    ['under a scope', { type: 'module', exports: './lib/index.js' }, '@acme/mine', '@acme/mine'],
    ['under a subpath', { type: 'module', exports: { './store': './lib/index.js' } }, 'mine-e', 'mine-e/store'],
    ['from a list of fallbacks', { type: 'module', exports: [{ browser: './no.js' }, './lib/index.js'] }, 'mine-f', 'mine-f'],
  ])('takes an npm package that exports %s', async (_, manifest, name, use) => {
    await installed(name, manifest, { 'lib/index.js': plugin() });
    const { config } = await room.read(using(use));
    expect(config?.plugins[0]?.plugin.use).toBe('mine');
  });

  it('takes a CommonJS package', async () => {
    const code = plugin().replace('export const plugin =', 'exports.plugin =');
    await installed('old-style', { main: 'index.cjs' }, { 'index.cjs': code });
    expect(await room.errors(using('old-style'))).toEqual([]);
  });

  it('takes a package from a folder further up, and through a link', async () => {
    await room.write('elsewhere/package.json', '{ "name": "linked", "type": "module", "exports": "./index.js" }');
    await room.write('elsewhere/index.js', plugin());
    await room.write('node_modules/.keep', '');
    await symlink(join(room.directory, 'elsewhere'), join(room.directory, 'node_modules', 'linked'));
    expect(await room.errors(using('linked'))).toEqual([]);
  });

  it.each([
    ['a named export called plugin', plugin() + 'export const other = 1;'],
    ['the default export', `${plugin('', 'mine')}export default mine;`],
    ['the only export that is a plugin', plugin('', 'anything') + 'export const help = () => 1;'],
  ])('finds %s', async (_, code) => {
    await room.write('mine.mjs', code);
    expect(await room.errors(using('./mine.mjs'))).toEqual([]);
  });

  it('prefers a bundled plugin to a package of the same name', async () => {
    await installed('store', { type: 'module', exports: './index.js' }, { 'index.js': 'throw new Error("not me")' });
    expect(await room.errors(using('store'))).toEqual([]);
  });

  it.each([
    ['resolve', 'a package that is not installed', 'nowhere-to-be-found', {}, 'plugin-unresolvable'],
    ['resolve', 'a module of Node', 'fs', {}, 'plugin-unresolvable'],
    ['resolve', 'an address', 'https://example.org/x.js', {}, 'plugin-unresolvable'],
    ['resolve', 'a path that is a folder', './', {}, 'plugin-unresolvable'],
    ['resolve', 'a path that climbs within a package', 'mine/../../x', {}, 'plugin-unresolvable'],
    ['import', 'a module that throws', './x.mjs', { 'x.mjs': 'throw new Error("no luck")' }, 'plugin-import-failed'],
    ['import', 'a module that throws nothing much', './x.mjs', { 'x.mjs': 'throw undefined' }, 'plugin-import-failed'],
    ['import', 'a module that does not parse', './x.mjs', { 'x.mjs': 'export const = 1' }, 'plugin-import-failed'],
    ['import', 'a module that needs another', './x.mjs', { 'x.mjs': 'import "./not-there.mjs"' }, 'plugin-import-failed'],
    ['shape', 'a module without exports', './x.mjs', { 'x.mjs': '' }, 'plugin-missing'],
    ['shape', 'a function', './x.mjs', { 'x.mjs': 'export const plugin = () => 1' }, 'plugin-missing'],
    ['shape', 'two plugins', './x.mjs', { 'x.mjs': plugin('', 'a') + 'export const b = { ...a };' }, 'plugin-missing'],
    ['shape', 'an unknown role', './x.mjs', { 'x.mjs': plugin(', role: "butler"') }, 'plugin-shape'],
    ['shape', 'no schema', './x.mjs', { 'x.mjs': plugin(', config: {}') }, 'plugin-shape'],
    ['shape', 'a getter that throws', './x.mjs', { 'x.mjs': plugin(', get inspect() { throw new Error("no") }') }, 'plugin-shape'],
    ['apiVersion', 'another version', './x.mjs', { 'x.mjs': plugin(', apiVersion: 2') }, 'plugin-api-version'],
    ['apiVersion', 'no version', './x.mjs', { 'x.mjs': plugin(', apiVersion: undefined') }, 'plugin-api-version'],
    [
      'config',
      'a schema that throws',
      './x.mjs',
      { 'x.mjs': plugin().replaceAll('({ success: true, data })', '{ throw new Error("no") }') },
      'plugin-failed',
    ],
    ['config', 'an inspection that gives nonsense', './x.mjs', { 'x.mjs': plugin(', inspect: () => ({ backends: 5 })') }, 'plugin-failed'],
  ] as const)('says that the step "%s" broke for %s', async (_step, _what, use, files, code) => {
    for (const [name, content] of Object.entries(files)) await room.write(name, content);
    const errors = await room.errors(using(use));
    expect(errors.filter((error) => error.startsWith('plugin-'))).toEqual([
      `${code} plugins[0].${code === 'plugin-failed' ? 'with' : 'use'} 2`,
    ]);
  });

  it.each([
    ['2', "newer than this gateway's 1", 'Update the gateway'],
    ['0', 'was written for version 0', 'Install a newer version of the plugin'],
    ['"1"', 'names no version', 'Write apiVersion: 1, a number'],
  ])('says which side is behind for apiVersion: %s', async (version, message, hint) => {
    await room.write('x.mjs', plugin(`, apiVersion: ${version}`));
    const { problems } = await room.read(using('./x.mjs'));
    expect(problems.find(({ code }) => code === 'plugin-api-version')).toMatchObject({
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  it.each([
    ['exports nothing', { type: 'module', exports: {} }, {}],
    ['names a file that is not there', { type: 'module', exports: './dist/index.js' }, {}],
    ['exports a file outside itself', { type: 'module', exports: './../../outside.mjs' }, { '../../outside.mjs': plugin() }],
    ['has only what require may see', { exports: { require: './x.cjs' } }, {}],
  ])('says that resolving broke for a package that %s', async (_, manifest, files) => {
    await installed('broken', manifest, files);
    expect(await room.errors(using('broken'))).toEqual(['plugin-unresolvable plugins[0].use 2']);
  });

  it('imports a file that changed as another module, and one that did not as the same', async () => {
    const urls: string[] = [];
    const source = new ModulePlugins(samplePlugins, (url) => {
      urls.push(url);
      return Promise.resolve({});
    });
    await room.rewrite('mine.mjs', plugin(), 1_700_000_000);
    await source.load('./mine.mjs', room.directory);
    await source.load('./mine.mjs', room.directory);
    await room.rewrite('mine.mjs', plugin(', use: 2'), 1_700_000_001);
    await source.load('./mine.mjs', room.directory);
    expect(urls[1]).toBe(urls[0]);
    expect(urls[2]).not.toBe(urls[0]);
  });

  it('takes only so many versions of a file', async () => {
    await room.write('mine.mjs', plugin());
    const source = new ModulePlugins(samplePlugins, () => Promise.resolve({}));
    for (let version = 0; version < 200; version++) {
      await room.rewrite('mine.mjs', plugin(), 1_700_000_000 + version);
      await source.load('./mine.mjs', room.directory);
    }
    await room.rewrite('mine.mjs', plugin(), 1_800_000_000);
    await expect(source.load('./mine.mjs', room.directory)).rejects.toMatchObject({
      step: 'import',
      message: expect.stringContaining('200 times'),
    });
  });
});
