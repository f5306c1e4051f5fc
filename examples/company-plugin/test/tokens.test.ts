import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Plugin } from '@postern/contract';
import {
  attempt,
  CertificateAuthority,
  describeCredentialStore,
  fakeServices,
  LiveClock,
  parseConfig,
  ServerRoom,
  type CredentialStoreSetup,
  type FakeServices,
  type StoreUnderTest,
} from '@postern/testkit';
import { plugin as typed } from '../src/tokens.js';
import { TokenServer, type Somebody } from './token-server.js';

const runner = { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach };

const plain = ((await import(new URL('../../plain/tokens.js', import.meta.url).href)) as { readonly plugin: typeof typed }).plugin;

const ann = { user: 'ann@example.org', password: 'Token-of-Ann' };
const off = { user: 'off@example.org', password: 'Right-but-off' };
const many = Array.from({ length: 60 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Token-${index}-of-many` }));
const people = new Map<string, Somebody>([
  [ann.user, { token: ann.password, host: 'mail-a' }],
  [off.user, { token: off.password, disabled: true }],
  ...many.map(({ user, password }) => [user, { token: password }] as const),
]);

let room: ServerRoom;
let server: TokenServer;
let pems: { readonly ca: string; readonly cert: string; readonly key: string };
let stranger: { readonly cert: string; readonly key: string };
let url: string;

before(async () => {
  room = await ServerRoom.open();
  const authority = await CertificateAuthority.create(room);
  server = new TokenServer(authority.cert, await authority.server(), people);
  url = await server.listen();
  pems = { ca: authority.cert, ...(await authority.client({ commonName: 'postern' })) };
  stranger = await (await CertificateAuthority.create(room, 'somebody else')).client({ commonName: 'postern' });
});
beforeEach(() => {
  server.mood = 'well';
});
after(async () => {
  await server.close();
  await room.close();
});

const pepper = 'a long random text of the tests';
const never = new AbortController().signal;
const services = (): FakeServices => fakeServices({ clock: new LiveClock() });

const maker =
  (plugin: Plugin, more: () => object = () => ({}), mood?: TokenServer['mood']) =>
  (given: FakeServices): StoreUnderTest => {
    if (mood !== undefined) server.mood = mood;
    return plugin.create(parseConfig(plugin, { url, ...pems, pepper, ...more() }), given) as StoreUnderTest;
  };

const setupOf = (name: string, plugin: Plugin): CredentialStoreSetup => ({
  name,
  make: maker(plugin),
  services,
  known: ann,
  unknown: 'nobody@example.org',
  disabled: off,
  many,
  asked: () => server.asked,
  outages: {
    broken: maker(plugin, undefined, 'broken'),
    garbage: maker(plugin, undefined, 'garbage'),
    closed: maker(plugin, () => ({ url: 'https://127.0.0.1:9' })),
    'does not know our certificate': maker(plugin, () => stranger),
  },
});

describeCredentialStore(runner, {
  ...setupOf('the token store', typed),
  hanging: maker(typed, () => ({ timeout: '10s' })),
  failingStart: maker(typed, () => ({ url: 'https://127.0.0.1:9' })),
  skip: { 'aborted-during': 'has its own test below, where the service is silent only after the start' },
});

describeCredentialStore(runner, {
  ...setupOf('the token store in plain JavaScript', plain),
  skip: {
    lookup: 'it is short and has none',
    disabled: 'it is short: what the service says of disabled users is deferred',
    'failing-start': 'it asks nobody at its start',
    'aborted-during': 'has its own test below',
  },
});

const started = async (plugin: Plugin, given: FakeServices, more: object = {}): Promise<StoreUnderTest> => {
  const store = maker(plugin, () => more)(given);
  await store.start?.(never);
  return store;
};

for (const [name, plugin] of [
  ['the token store', typed],
  ['the token store in plain JavaScript', plain],
] as const) {
  describe(name, () => {
    it('ends at once when the login is given up while the service is silent', async () => {
      const store = await started(plugin, services());
      server.mood = 'silent';
      const abort = new AbortController();
      const asked = store.verify(attempt(ann), abort.signal);
      abort.abort(new Error('given up'));
      await assert.rejects(asked);
      await store.stop?.(never);
    });

    it('asks the service once while a token is remembered, and shares that with other processes', async () => {
      const given = services();
      const [one, other] = [await started(plugin, given), await started(plugin, given)];
      const before = server.asked;
      for (const store of [one, other, one]) {
        const verdict = await store.verify(attempt(ann), never);
        assert.deepEqual(verdict, { kind: 'accepted', account: { user: ann.user, attributes: { host: 'mail-a' } } });
      }
      assert.equal(server.asked, before + 1);
      assert.equal((await one.verify(attempt({ ...ann, password: 'another' }), never)).kind, 'rejected');
      for (const store of [one, other]) await store.stop?.(never);
    });

    it('goes on answering remembered tokens through an outage, and defers all others', async () => {
      const store = await started(plugin, services());
      await store.verify(attempt(ann), never);
      server.mood = 'broken';
      assert.equal((await store.verify(attempt(ann), never)).kind, 'accepted');
      const stranger = await store.verify(attempt(many[0] ?? ann), never).catch(() => ({ kind: 'deferred' }));
      assert.equal(stranger.kind, 'deferred');
      await store.stop?.(never);
    });
  });
}

describe('the token store', () => {
  it('forgets a token at once when the account changed, by user, domain or everybody', async () => {
    const given = services();
    const store = await started(typed, given);
    for (const change of [{ user: ann.user }, { domain: 'example.org' }, { all: true }] as const) {
      await store.verify(attempt(ann), never);
      const before = server.asked;
      given.changes.announce(change);
      await store.verify(attempt(ann), never);
      assert.equal(server.asked, before + 1, JSON.stringify(change));
    }
    await store.stop?.(never);
  });

  it('counts what the service said', async () => {
    const given = services();
    const store = await started(typed, given);
    await store.verify(attempt(ann), never);
    await store.verify(attempt(ann), never);
    await store.verify(attempt({ ...ann, password: 'wrong' }), never);
    const counts = ['accepted', 'remembered', 'rejected'].map((said) => given.metrics.value('company_answers_total', { said }));
    assert.deepEqual(counts, [1, 1, 1]);
    assert.ok(given.metrics.observations('company_service_seconds').length >= 3);
    await store.stop?.(never);
  });

  it('takes no service without TLS', () => {
    assert.throws(() => parseConfig(typed, { url: 'http://127.0.0.1', ...pems, pepper }), /url/);
  });
});
