import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@postern/contract';
import { type ConfigOf, fakeServices, parseConfig } from '@postern/testkit';
import { passportPlugin } from '../src/index.js';
import { revealed } from '../src/options.js';
import { PassportStore } from '../src/store.js';
import { directory, open, signal, strategyThat } from './support.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-passport-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parse = (input: unknown, env: Readonly<Record<string, string>> = {}): ConfigOf<typeof passportPlugin> =>
  parseConfig(passportPlugin, input, { directory, env });

describe('the strategy', () => {
  it('is an npm package as seen from the config file, or a path from there', () => {
    expect(parse({ strategy: 'passport-local' }).strategy.file).toMatch(/passport-local\/lib\/index\.js$/);
    expect(parse({ strategy: './strategies/people.mjs' }).strategy.file).toBe(join(directory, 'strategies/people.mjs'));
  });

  it.each([
    ['passport-nothing', 'npm package passport-nothing'],
    ['./strategies/nothing.mjs', 'there is no file'],
    ['./strategies', 'there is no file'],
    ['', 'expected an npm package'],
    [7, 'expected an npm package'],
    [{}, 'expected an npm package'],
  ])('%j is found wanting before anything starts', (strategy, message) => expect(() => parse({ strategy })).toThrow(message));

  it('that can only be imported is told to be wrapped', async () => {
    const at = join(folder, 'node_modules', 'esm-only');
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'package.json'), JSON.stringify({ name: 'esm-only', type: 'module', exports: { import: './index.js' } }));
    await writeFile(join(at, 'index.js'), '');
    expect(() => parseConfig(passportPlugin, { strategy: 'esm-only' }, { directory: folder, env: {} })).toThrow(
      /can only be imported|npm package esm-only/,
    );
  });

  it.each([
    ['a strategy as default export', { strategy: './strategies/instance.mjs' }],
    ['a function that makes it', { strategy: './strategies/people.mjs', options: { usernameField: 'mail' } }],
    ['by name', { strategy: './strategies/people.mjs', export: 'strategy' }],
  ])('may be %s', async (_, input) => {
    const { ask } = await open(input);
    expect((await ask({ password: 'Right-password-of-Ann' })).kind).toBe('accepted');
    expect((await ask({ password: 'wrong' })).kind).toBe('rejected');
  });

  it.each([
    [{ strategy: './strategies/broken.mjs' }, /running .*broken\.mjs failed: there is no database/],
    [{ strategy: './strategies/empty.mjs' }, /exports no strategy; name one in `export`. It exports nothing, useful/],
    [{ strategy: './strategies/empty.mjs', export: 'nothing' }, /has no export nothing/],
    [{ strategy: './strategies/empty.mjs', export: 'hasOwnProperty' }, /has no export hasOwnProperty/],
    [{ strategy: './strategies/empty.mjs', export: 'useful' }, /is no Passport strategy/],
    [{ strategy: './strategies/instance.mjs', options: {} }, /is a strategy already/],
    [{ strategy: 'passport-http' }, /exports several strategies; name one in `export`. It exports .*BasicStrategy, DigestStrategy/],
    [
      { strategy: 'passport-http', export: 'BasicStrategy' },
      /requires a verify function. It needs a function of yours .* name its path in `strategy`/,
    ],
    [{ strategy: 'passport-local' }, /requires a verify callback. It needs a function of yours/],
  ])('%j does not start, and says why', async (input, message) => {
    await expect(open(input)).rejects.toThrow(message);
  });

  it('that was mended starts at the next try: a file that changed is another module', async () => {
    const path = join(folder, 'mended.mjs');
    await writeFile(path, 'not yet');
    const urls: string[] = [];
    const load = (url: string): Promise<unknown> => {
      urls.push(url);
      return urls.length === 1
        ? Promise.reject(new Error('not yet'))
        : Promise.resolve({ strategy: strategyThat((verbs) => verbs.fail()) });
    };
    const store = new PassportStore(parseConfig(passportPlugin, { strategy: path }), fakeServices(), load);
    await expect(store.start(signal)).rejects.toThrow('not yet');
    expect(await store.health()).toMatchObject({ status: 'down' });
    await writeFile(path, 'now it is whole');
    await store.start(signal);
    expect(await store.health()).toEqual({ status: 'up' });
    expect(new Set(urls).size).toBe(2);
    for (const url of urls) expect(url).toMatch(/^file:.*mended\.mjs\?v=/);
  });

  it('that was being started when the store stopped is not kept', async () => {
    const abort = new AbortController();
    const load = (): Promise<unknown> => {
      abort.abort(new Error('stopped'));
      return Promise.resolve({ strategy: strategyThat((verbs) => verbs.success({})) });
    };
    const store = new PassportStore(parse({ strategy: './strategies/people.mjs' }), fakeServices(), load);
    await expect(store.start(abort.signal)).rejects.toThrow('stopped');
    expect(await store.health()).toMatchObject({ status: 'down' });
  });
});

describe('options', () => {
  it('take secrets from the environment and from files anywhere within', async () => {
    await writeFile(join(folder, 'ca.pem'), 'a certificate\n');
    const input = {
      strategy: 'passport-local',
      options: {
        server: { url: 'ldap://x', bindCredentials: { env: 'BIND' }, tlsOptions: { ca: [{ file: join(folder, 'ca.pem') }] } },
        size: 7,
        on: true,
      },
    };
    const { options } = parse(input, { BIND: 'canary-bind' });
    expect(revealed(options)).toEqual({
      server: { url: 'ldap://x', bindCredentials: 'canary-bind', tlsOptions: { ca: ['a certificate'] } },
      size: 7,
      on: true,
    });
    expect(inspect(options, { depth: 9 }) + JSON.stringify(options)).not.toContain('canary');
    expect(() => parse(input)).toThrow('options.server.bindCredentials: the environment variable BIND is not set');
  });

  it('that look like secrets are kept like secrets, so that `check` warns and nothing prints them', () => {
    const { options } = parse({
      strategy: 'passport-local',
      options: { server: { bindCredentials: 'canary', adminPassword: 'canary' }, passwordField: 'pw' },
    });
    const { server, passwordField } = options as { server: Record<string, unknown>; passwordField: unknown };
    for (const secret of Object.values(server)) expect(secret instanceof Secret && secret.literal).toBe(true);
    expect(passwordField).toBe('pw');
    expect(JSON.stringify(options)).not.toContain('canary');
  });

  it('are handed over as a fresh copy at every start, with what is no plain data as it is', () => {
    const key = new Map();
    const { options } = parse({ strategy: 'passport-local', options: { list: [{ a: 1 }], key } });
    const [one, other] = [revealed(options), revealed(options)] as { list: unknown[]; key: unknown }[];
    expect(one).toEqual(other);
    expect(one?.list).not.toBe(other?.list);
    expect(one?.key).toBe(key);
  });

  it('that hold themselves are refused', () => {
    const options: Record<string, unknown> = {};
    options['self'] = options;
    expect(() => parse({ strategy: 'passport-local', options })).toThrow('expected at most 20 levels');
  });
});

it.each([
  [{ strategy: 'passport-local', login: 'ann' }, 'login'],
  [{ strategy: 'passport-local', login: '{attributes.uid}' }, 'login'],
  [{ strategy: 'passport-local', login: '{who}' }, 'unknown variable'],
  [{ strategy: 'passport-local', fields: { user: '' } }, 'fields.user'],
  [{ strategy: 'passport-local', verify: './x.mjs' }, 'Unrecognized key'],
  [{}, 'strategy'],
])('%j is refused', (input, message) => expect(() => parse(input)).toThrow(message));
