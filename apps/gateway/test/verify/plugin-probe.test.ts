import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PluginProbe } from '../../src/cli/verify/plugin-probe.js';
import type { PluginQuestion } from '../../src/cli/verify/question.js';
import type { StepResult, Told } from '../../src/cli/verify/step.js';
import { compose } from '../../src/compose.js';
import { ConfigFolder } from '../support/config-folder.js';
import { pluginModule } from '../support/plugin-module.js';

let folder: ConfigFolder;
let made = 0;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const probe = async (module: string, parts: Partial<PluginQuestion> = {}): Promise<readonly StepResult[]> => {
  const use = folder.add(`plugin-${(made += 1)}.mjs`, module);
  const told: Told[] = [];
  const question = { use, directory: folder.path, with: {}, backends: ['mail-a'], examples: {}, patienceMs: 400, ...parts };
  const composition = compose({ logStream: { write: () => undefined }, logLevel: 'silent' });
  await new PluginProbe({ question, composition, env: {}, tell: (one) => told.push(one) }).run();
  return told.flatMap((one) => (one.kind === 'done' ? [one.result] : []));
};

const brokenIn = (results: readonly StepResult[]): StepResult => {
  const broken = results.filter(({ outcome }) => outcome === 'broken');
  expect(broken).toHaveLength(1);
  return broken[0]!;
};

const store = `abilities: { mechanisms: ['plain'], knowsUsers: true }`;

describe('a plugin that is verified', () => {
  it('goes through every step when it is sound, and says what was not looked at', async () => {
    const results = await probe(pluginModule({ made: `{ ${store}, verify: async () => ({ kind: 'unknown-user' }) }` }));
    expect(results.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'resolve ok',
      'import ok',
      'apiVersion ok',
      'shape ok',
      'schema ok',
      'create ok',
      'start ok',
      'health ok',
      'ask ok',
      'stop ok',
      'conformance skipped',
    ]);
    expect(results.at(-1)?.hint).toContain('--known-user');
  });

  const living = (parts: string): string => pluginModule({ made: `{ ${store}, verify: async () => ({ kind: 'rejected' }), ${parts} }` });
  const answering = (verify: string): string => pluginModule({ made: `{ ${store}, ${verify} }` });
  const routing = (locate: string): string => pluginModule({ role: 'backend-router', made: `{ ${locate} }` });
  const around = (body: string): string => pluginModule({ role: 'policy', made: `{ around: (next) => ${body} }` });

  it.each<[what: string, module: string, step: string, said: string]>([
    ['throws on import', `throw new Error('no way');`, 'import', 'no way'],
    ['does not parse', `export const plugin = {`, 'import', 'running'],
    ['exports nothing', `1;`, 'shape', 'the module exports nothing'],
    ['exports other things', `export const x = 1; export const y = 2;`, 'shape', 'exports no plugin, only x, y'],
    ['calls something else its plugin', `export const plugin = 5;`, 'shape', 'what it exports as plugin is a whole number'],
    ['exports a class', `export default class Store {}`, 'shape', 'what it exports as default is a function'],
    ['exports a plugin without create', `export const plugin = { apiVersion: 1 };`, 'shape', 'exports as plugin has no create'],
    ['is written for a newer contract', pluginModule({ apiVersion: '2' }), 'apiVersion', 'newer'],
    ['is of no known role', pluginModule({ role: 'door' }), 'shape', 'role must be one of'],
    ['has a schema that throws', pluginModule({ config: `z.any().transform(() => { throw new Error('oops'); })` }), 'schema', 'oops'],
    ['throws in create', pluginModule({ made: `(() => { throw new Error('not today'); })()` }), 'create', 'not today'],
    ['creates nothing', pluginModule({ made: 'undefined' }), 'create', 'create gave nothing'],
    ['creates asynchronously', pluginModule({ made: 'Promise.resolve({})' }), 'create', 'must not be asynchronous'],
    ['creates something of another role', pluginModule({ made: `{ around: (next) => next }` }), 'create', 'it has no verify'],
    ['throws in start', living(`start: async () => { throw new Error('refused'); }`), 'start', 'refused'],
    ['throws in start in place of rejecting', living(`start: () => { throw new Error('refused'); }`), 'start', 'refused'],
    ['hangs in start', living(`start: () => new Promise(() => undefined)`), 'start', 'did not end within 400 ms'],
    ['throws in health', living(`health: async () => { throw new Error('how should I know'); }`), 'health', 'how should I know'],
    ['answers garbage for health', living(`health: async () => 'fine'`), 'health', 'no health of the contract'],
    ['answers nothing for health', living(`health: async () => null`), 'health', 'no health of the contract'],
    ['is down', living(`health: async () => ({ status: 'down', note: 'no route' })`), 'health', 'no route'],
    ['throws in stop', living(`stop: async () => { throw new Error('stuck'); }`), 'stop', 'stuck'],
    ['hangs in stop', living(`stop: () => new Promise(() => undefined)`), 'stop', 'did not end within'],
    ['stops only once', living(`stop() { this.no = this.no.no; }, no: { no: undefined }`), 'stop', 'Cannot read'],
    ['answers garbage', answering(`verify: async () => true`), 'ask', 'the verdict is no object'],
    [
      'lets anybody in',
      answering(`verify: async ({ user }) => ({ kind: 'accepted', account: { user, attributes: {} } })`),
      'ask',
      'made-up',
    ],
    ['throws when it is asked', answering(`verify: async () => { throw new Error('boom'); }`), 'ask', 'boom'],
    ['cannot tell', answering(`verify: async () => ({ kind: 'deferred', cause: new Error('ECONNREFUSED') })`), 'ask', 'ECONNREFUSED'],
    ['hangs when it is asked', answering(`verify: () => new Promise(() => undefined)`), 'ask', 'did not end within'],
    [
      'leaves listeners on the signal',
      answering(`verify: async (_, signal) => (signal.addEventListener('abort', () => {}), { kind: 'unknown-user' })`),
      'ask',
      '1 listener on the signal',
    ],
    ['routes to garbage', routing(`locate: async () => ({ kind: 'placed', backends: [] })`), 'ask', 'placed without a backend'],
    ['routes nowhere for ever', routing(`locate: () => new Promise(() => undefined)`), 'ask', 'did not end within'],
    ['asks twice as a policy', around(`async (a, s) => (await next(a, s), next(a, s))`), 'ask', '2 times'],
    [
      'lets in whom the stores rejected',
      around(`async ({ user }) => ({ kind: 'accepted', account: { user, attributes: {} } })`),
      'ask',
      'let in whom the stores rejected',
    ],
    ['hangs as a policy', around(`() => new Promise(() => undefined)`), 'ask', 'did not end within'],
    [
      'leaves listeners of the process behind',
      living(`start: async () => void process.on('SIGWINCH', function left() { process.off('SIGWINCH', left); })`),
      'quiet',
      '1 listener of process for SIGWINCH',
    ],
    [
      'leaves timers behind',
      pluginModule({
        made: `{ ${store}, verify: async () => ({ kind: 'rejected' }), start: async () => void services.clock.after(1e6, () => {}) }`,
      }),
      'quiet',
      '1 timer of services.clock',
    ],
  ])('that %s is reported at its step, with what to do', async (_what, module, step, said) => {
    try {
      const broken = brokenIn(await probe(module));
      expect(broken).toMatchObject({ step, detail: expect.stringContaining(said) });
      expect(broken.hint).not.toBe('');
    } finally {
      process.removeAllListeners('SIGWINCH');
    }
  });

  it.each([
    ['nothing', `1;`, ['resolve ok: found', 'import ok: imported', 'apiVersion skipped: there is no plugin to ask for its version']],
    [
      'something that is none',
      `export const plugin = {};`,
      ['resolve ok: found', 'import ok: imported', 'apiVersion skipped: there is no plugin to ask for its version'],
    ],
    [
      'a getter that throws',
      `export const plugin = { create: 1, get apiVersion() { throw new Error('no'); } };`,
      ['resolve ok: found', 'import ok: imported', 'apiVersion skipped: there is no plugin to ask for its version'],
    ],
    ['one of no role', pluginModule({ role: 'door' }), ['resolve ok: found', 'import ok: imported', 'apiVersion ok: version 1']],
  ])('where the module exports %s, says of no step more than is known', async (_what, module, before) => {
    const results = await probe(module);
    expect(results.slice(0, -1).map(({ step, outcome, detail }) => `${step} ${outcome}: ${detail}`)).toEqual(before);
    expect(results.at(-1)).toMatchObject({ step: 'shape', outcome: 'broken', hint: expect.stringContaining('export const plugin') });
  });

  it('is named with the option that does not fit, and no secret of its options is told', async () => {
    const config = `z.strictObject({ url: z.string(), token: z.string() })`;
    const wrong = brokenIn(await probe(pluginModule({ config }), { with: { urll: 'x', token: 'c4n4ry-t0ken' } }));
    expect(wrong).toMatchObject({ step: 'schema', detail: expect.stringContaining('with.url') });
    const failing = pluginModule({ config, made: `(() => { throw new Error('with ' + config.token); })()` });
    const broken = brokenIn(await probe(failing, { with: { url: 'x', token: 'c4n4ry-t0ken' } }));
    expect(JSON.stringify(broken)).not.toContain('c4n4ry');
  });

  it('is held to its suite when it is known whom to try', async () => {
    const good = `verify: async ({ user, proof }) => {
      if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
      if (user !== 'ann@example.org') return { kind: 'unknown-user' };
      return proof.password === 'right' ? { kind: 'accepted', account: { user, attributes: {} } } : { kind: 'rejected' };
    }`;
    const examples = { known: { user: 'ann@example.org', password: 'right' }, skip: { 'aborted-before': 'it waits for nobody' } };
    const broken = brokenIn(await probe(answering(good), { examples }));
    // It answers after stop, which a store must not.
    expect(broken).toMatchObject({ step: 'conformance', detail: expect.stringMatching(/^\d+ passed, 1 failed/) });
    const results = await probe(answering(good), { examples: { ...examples, afterStop: 'answers' } });
    expect(results.at(-1)).toMatchObject({ step: 'conformance', outcome: 'ok' });
  });

  it('is held to the suite of a router with the accounts that are named, and of a policy always', async () => {
    const router = routing(
      `locate: async ({ attributes }) => (attributes.team ? { kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }] } : { kind: 'homeless' })`,
    );
    const examples = { placed: [{ user: 'ann@example.org', attributes: { team: 'x' } }] };
    expect((await probe(router, { examples })).at(-1)).toMatchObject({ step: 'conformance', outcome: 'ok' });
    expect((await probe(router)).at(-1)).toMatchObject({ step: 'conformance', outcome: 'skipped' });
    expect((await probe(around('next'))).at(-1)).toMatchObject({ step: 'conformance', outcome: 'ok' });
    const softening = around(`async (a, s) => { const v = await next(a, s); return v.kind === 'deferred' ? { kind: 'rejected' } : v; }`);
    expect(brokenIn(await probe(softening))).toMatchObject({
      step: 'conformance',
      detail: expect.stringContaining('never makes anything else of deferred'),
    });
  });
});
