import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Account, BackendRef, CredentialStore, Lookup, Routing } from '@postern/contract';
import { HomeFinder, type HomeQuestion } from '../../src/answer/home-finder.js';
import { Identity } from '../../src/answer/identity.js';
import { Placer } from '../../src/answer/placement.js';
import { BackendPool } from '../../src/backends/backend-pool.js';
import type { BackendConfig } from '../../src/backends/backend.js';
import { ManualClock, MemoryLog, seat, storeSeat } from './fakes.js';

const question: HomeQuestion = { protocol: 'imap', clientIp: '127.0.0.1', askStores: true };
const identity = new Identity({ defaultDomain: 'example.org', stripTag: '+' });

type Locate = (account: Account) => Routing | Promise<Routing>;

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

const backend = (name: string, state: BackendConfig['state'] = 'up'): BackendConfig => ({
  ...{ name, state, host: `${name}.internal`, weight: 1 },
  ports: { imap: 1143, pop3: 1110, smtp: 1025 },
});

const named = (...names: string[]): Routing => ({ kind: 'placed', backends: names.map((name): BackendRef => ({ kind: 'named', name })) });

const store = (lookup?: (user: string) => Promise<Lookup>): CredentialStore => ({
  abilities: { mechanisms: ['plain'], knowsUsers: lookup !== undefined },
  verify: () => Promise.reject(new Error('nobody proves anything')),
  ...(lookup !== undefined && { lookup }),
});

const found: CredentialStore = store((user) => Promise.resolve({ kind: 'found', account: { user, attributes: { host: 'a' } } }));
const knowsNobody = store(() => Promise.resolve({ kind: 'unknown-user' }));
const byHost: Locate = ({ attributes }) => (Object.hasOwn(attributes, 'host') ? named('a') : { kind: 'homeless' });

const finder = (stores: readonly CredentialStore[], locate: Locate, backends = [backend('a'), backend('b')]): HomeFinder => {
  const log = new MemoryLog();
  const resolver = { lookup: (): Promise<never> => Promise.reject(new Error('no address is looked up')) };
  const pool = new BackendPool({ backends, health: undefined, resolver, clock, log });
  return new HomeFinder({
    ...{ identity, clock, log, backends: pool, deadlineMs: 1000 },
    scrub: (text) => text.replaceAll('s3cret', '[secret]'),
    placer: new Placer({ backends: pool, log }),
    stores: stores.map((instance, index) => storeSeat(`store-${index}`, instance)),
    routers: [seat('router', { locate: async (account) => locate(account) })],
  });
};

describe('where a config looks for a mailbox', () => {
  it('is the backend of the router, as it is configured, and no address is looked up for it', async () => {
    expect(await finder([found], () => named('a')).find('Anna+news', question)).toEqual({
      kind: 'at',
      user: 'anna@example.org',
      known: 'found',
      backend: { name: 'a', host: 'a.internal', ports: { imap: 1143, pop3: 1110, smtp: 1025 } },
    });
  });

  it('is where a login would be placed: drained backends after those that are up, none that is down', async () => {
    const backends = [backend('a', 'drain'), backend('b'), backend('c', 'down')];
    const at = async (...names: string[]) => finder([found], () => named(...names), backends).find('anna', question);
    expect(await at('a', 'b')).toMatchObject({ kind: 'at', backend: { name: 'b' } });
    expect(await at('c', 'a')).toMatchObject({ kind: 'at', backend: { name: 'a' } });
    expect(await at('c')).toMatchObject({ kind: 'down', backend: { name: 'c' } });
  });

  it('may be a host that is not declared', async () => {
    const direct = (port?: number): Routing => ({
      kind: 'placed',
      backends: [{ kind: 'direct', host: '::1', ...(port !== undefined && { port }) }],
    });
    expect(await finder([found], () => direct(1430)).find('anna', question)).toMatchObject({
      backend: { name: '[::1]:1430', host: '::1', ports: { imap: 1430, pop3: 1430, smtp: 1430 } },
    });
    expect(await finder([found], () => direct()).find('anna', question)).toMatchObject({
      backend: { name: '::1', ports: { imap: 143, pop3: 110, smtp: 25 } },
    });
  });

  it('is routed without attributes for somebody no store knows', async () => {
    expect(await finder([knowsNobody], () => named('a')).find('anna', question)).toMatchObject({ kind: 'at', known: 'unknown-user' });
    expect(await finder([knowsNobody], byHost).find('anna', question)).toMatchObject({ kind: 'homeless', known: 'unknown-user' });
  });

  it.each<[string, readonly CredentialStore[]]>([
    ['a store that cannot look users up', [store()]],
    ['such a store behind one that does not know the user', [knowsNobody, store()]],
    ['a store that refuses the user', [store(() => Promise.resolve({ kind: 'refused', why: 'disabled' }))]],
  ])('is unclear where a router goes by attributes that nobody told: %s', async (_name, stores) => {
    expect(await finder(stores, byHost).find('anna', question)).toMatchObject({ kind: 'unclear' });
    expect(await finder(stores, () => named('b')).find('anna', question)).toMatchObject({ kind: 'at', backend: { name: 'b' } });
  });

  it('asks no store about a user who is made up', async () => {
    const asked = store(() => Promise.reject(new Error('asked')));
    const made = { ...question, askStores: false };
    expect(await finder([asked], () => named('b')).find('anna', made)).toMatchObject({ kind: 'at', known: 'not-asked' });
    expect(await finder([found], byHost).find('anna', made)).toMatchObject({ kind: 'unclear' });
  });

  it.each<[string, () => Promise<Lookup>]>([
    ['says so', () => Promise.resolve({ kind: 'deferred', cause: new Error('s3cret is refused') })],
    ['throws', () => Promise.reject(new Error('s3cret is refused'))],
  ])('is unclear when a store %s, and no secret is told', async (_name, lookup) => {
    const home = await finder([store(lookup)], () => named('a')).find('anna', question);
    expect(home).toMatchObject({ kind: 'unclear', user: 'anna@example.org' });
    expect(JSON.stringify(home)).toContain('[secret] is refused');
  });

  it('is unclear when a router cannot tell, throws, or names a backend that nobody declared', async () => {
    const deferring = finder([found], () => ({ kind: 'deferred', cause: new Error('no table') }));
    expect(await deferring.find('anna', question)).toMatchObject({ kind: 'unclear', why: 'Error: no table' });
    const throwing = finder([found], () => Promise.reject(new Error('gone')));
    expect(await throwing.find('anna', question)).toMatchObject({ kind: 'unclear' });
    expect(await finder([found], () => named('nowhere')).find('anna', question)).toMatchObject({ kind: 'unclear' });
  });

  it('is unclear when nobody answers in time', async () => {
    const silent = finder([found], () => new Promise(() => undefined)).find('anna', question);
    await clock.pass(1000);
    expect(await silent).toMatchObject({ kind: 'unclear' });
    expect(clock.pending).toBe(0);
  });

  it('is nowhere for a login that is none', async () => {
    expect(await finder([found], () => named('a')).find('an\u0000na', question)).toMatchObject({ kind: 'malformed' });
  });
});
