import { describe, expect, it } from '@jest/globals';
import { type Account, type BackendRef, type LoginAttempt, Secret, Template } from '@postern/contract';
import { type BackendLookup, Placer, type Placing, type Standing } from '../../src/answer/placement.js';
import type { BackendLogin } from '../../src/backends/backend.js';
import { accountOf, attemptFor, MemoryLog, proofOf } from './fakes.js';

const refs = (...names: string[]): BackendRef[] => names.map((name) => ({ kind: 'named', name }));

const backends = (standings: Record<string, Standing>, more: { unresolved?: string[]; login?: BackendLogin } = {}): BackendLookup => ({
  standing: (ref) =>
    ref.kind === 'direct' ? 'up' : ((Object.hasOwn(standings, ref.name) ? standings[ref.name] : undefined) ?? 'undeclared'),
  resolve: async (ref) => {
    const backend = ref.kind === 'named' ? ref.name : ref.host;
    if (more.unresolved?.includes(backend)) return { kind: 'unknown', backend, cause: new Error('no such host') };
    return { kind: 'known', backend, host: 'mail.internal', address: '192.0.2.1', port: 143, login: more.login };
  },
});

interface Question {
  readonly account?: Account;
  readonly attempt?: LoginAttempt;
}

const place = async (lookup: BackendLookup, list: BackendRef[], { account = accountOf(), attempt = attemptFor() }: Question = {}) => {
  const log = new MemoryLog();
  const placing: Placing = await new Placer({ backends: lookup, log }).place(list, account, attempt);
  return { log, placing, placement: placing.kind === 'placed' ? placing.placement : undefined };
};

const chosen = async (standings: Record<string, Standing>, unresolved: string[] = []): Promise<string | undefined> =>
  (await place(backends(standings, { unresolved }), refs(...Object.keys(standings)))).placement?.backend;

describe('the backend of a list', () => {
  it('rule 71: is the first that is up', async () => {
    expect(await chosen({ a: 'up', b: 'up' })).toBe('a');
    expect(await chosen({ a: 'down', b: 'up', c: 'up' })).toBe('b');
  });

  it('rule 71: is never one that is down: a pinned login is deferred and not moved', async () => {
    expect(await chosen({ a: 'down' })).toBeUndefined();
    expect(await chosen({ a: 'down', b: 'down' })).toBeUndefined();
  });

  it('rule 71: is the same each time, whatever the health of those behind it', async () => {
    for (const b of ['up', 'down', 'drain', 'suspect'] as const) expect(await chosen({ a: 'up', b })).toBe('a');
  });

  it('drains only when nothing better is there', async () => {
    expect(await chosen({ a: 'drain', b: 'up' })).toBe('b');
    expect(await chosen({ a: 'drain', b: 'down' })).toBe('a');
    expect(await chosen({ a: 'drain' })).toBe('a');
  });

  it('is a suspect only when nothing better is there, but then it is', async () => {
    expect(await chosen({ a: 'suspect', b: 'up' })).toBe('b');
    expect(await chosen({ a: 'suspect', b: 'drain' })).toBe('b');
    expect(await chosen({ a: 'suspect', b: 'down' })).toBe('a');
    expect(await chosen({ a: 'suspect' })).toBe('a');
  });

  it('is the next when a name has no address', async () => {
    expect(await chosen({ a: 'up', b: 'up' }, ['a'])).toBe('b');
    expect(await chosen({ a: 'up' }, ['a'])).toBeUndefined();
  });

  it('is none when one before it is not declared: a slip must not move a mailbox', async () => {
    const { placing, log } = await place(backends({ a: 'up' }), refs('mail-x', 'a'));
    expect(placing.kind).toBe('deferred');
    expect(log.loud).toMatchObject([{ level: 'error', fields: { cause: 'no backend is declared as "mail-x"' } }]);
    expect((await place(backends({ a: 'up' }), refs('a', 'mail-x'))).placement?.backend).toBe('a');
    expect((await place(backends({ a: 'down' }), refs('a', 'mail-x'))).placing.kind).toBe('deferred');
    expect((await place(backends({}), refs('__proto__'))).placing.kind).toBe('deferred');
  });
});

describe('what the mail server is told', () => {
  const open = (login?: BackendLogin): BackendLookup => backends({ a: 'up' }, login === undefined ? {} : { login });
  const told = async (login: BackendLogin | undefined, question: Question = {}) => {
    const { placement } = await place(open(login), refs('a'), question);
    return [placement?.user, placement?.password];
  };

  it('is the canonical user, and the password that was typed', async () => {
    expect(await told(undefined)).toEqual(['alice@example.org', undefined]);
  });

  it('is what the backend says: a master user', async () => {
    const login = { user: Template.parse('{user}*proxy'), password: new Secret('master') };
    expect(await told(login)).toEqual(['alice@example.org*proxy', 'master']);
    expect(await told({ user: Template.parse('{local}') })).toEqual(['alice', undefined]);
  });

  it('is what the account says, before what the backend says', async () => {
    const account = accountOf('alice@example.org', { backend: { user: 'a-local', password: 'p-local' } });
    const login = { user: Template.parse('{user}*proxy'), password: new Secret('master') };
    expect(await told(login, { account })).toEqual(['a-local', 'p-local']);
  });

  it('is deferred when the template names an attribute that the account lacks', async () => {
    const { placing, log } = await place(open({ user: Template.parse('{attributes.constructor}') }), refs('a'));
    expect(placing.kind).toBe('deferred');
    expect(log.loud).toHaveLength(1);
  });

  it('rule 32: is the clear-text secret after a digest, and without one the login is deferred', async () => {
    const attempt = attemptFor({ proof: proofOf('cram-md5') });
    expect(await told(undefined, { attempt, account: accountOf('alice', { secret: 'tanstaaf' }) })).toEqual(['alice', 'tanstaaf']);
    expect((await place(open(), refs('a'), { attempt })).placing.kind).toBe('deferred');
    expect((await place(open(), refs('a'), { attempt: { ...attempt, protocol: 'smtp' } })).placing.kind).toBe('placed');
  });

  it('is not the secret after a plain login: what was typed is right already', async () => {
    expect(await told(undefined, { account: accountOf('alice', { secret: 'tanstaaf' }) })).toEqual(['alice', undefined]);
  });

  it('rule 32: needs a password after a certificate on imap and pop3, and the log says how to configure one', async () => {
    const attempt = attemptFor({ proof: proofOf('external') });
    const { placing, log } = await place(open(), refs('a'), { attempt });
    expect(placing.kind).toBe('deferred');
    expect(JSON.stringify(log.loud)).toContain('login.password');
    expect(await told({ password: new Secret('master') }, { attempt })).toEqual(['alice@example.org', 'master']);
  });

  it('never shows a password in the log', async () => {
    const { log } = await place(open({ user: Template.parse('{attributes.x}'), password: new Secret('canary') }), refs('a', 'b'));
    expect(JSON.stringify(log.lines)).not.toContain('canary');
  });
});
