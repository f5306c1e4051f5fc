import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, BackendRouter, CredentialStore, Lifecycle, LoginAttempt, Policy, Verdict } from '@postern/contract';
import { findPlugin, ModulePlugins } from '@postern/kernel';
import { attempt, fakeServices, parseConfig, type AttemptParts, type FakeServices } from '@postern/testkit';
import { read, repository } from './docs/repository.js';
import { loadPlugin, pluginPagesShown, shownPlugins, writePlugins } from './docs/shown-plugins.js';
import { ConfigFolder } from './support/config-folder.js';

const never = new AbortController().signal;
const account: Account = { user: 'ann@example.org', attributes: {} };
const accepted: Verdict = { kind: 'accepted', account };

let folder: ConfigFolder;
let services: FakeServices;
beforeAll(() => {
  folder = new ConfigFolder();
  writePlugins(folder.path, shownPlugins());
});
afterAll(() => folder.remove());

const create = async <T extends CredentialStore | BackendRouter | Policy>(file: string, options: unknown): Promise<T & Lifecycle> => {
  const plugin = await loadPlugin(folder.path, file);
  services = fakeServices({ backends: ['mail-a', 'mail-b'] });
  return plugin.create(parseConfig(plugin, options, { directory: folder.path, env: {} }), services) as T & Lifecycle;
};

const asked = async (store: CredentialStore, user: string, password: string): Promise<string> => {
  const verdict = await store.verify(attempt({ user, password }), never).catch((): Verdict => ({ kind: 'deferred', cause: undefined }));
  return verdict.kind === 'refused' ? `${verdict.why} ${String(verdict.proofHeld)}` : verdict.kind;
};

/** What a policy makes of stores that would accept, and whether they were asked. */
const around = async (policy: Policy, login: AttemptParts, verdict: Verdict = accepted): Promise<string> => {
  const reached: string[] = [];
  const ask = policy.around((given: LoginAttempt) => {
    reached.push(given.user);
    return Promise.resolve(verdict);
  });
  return `${(await ask(attempt(login), never)).kind}${reached.length === 1 ? '' : ', unasked'}`;
};

describe('a plugin that the documentation shows', () => {
  const shown = shownPlugins();

  it('is there for each of the recipes', () =>
    expect(shown.map(({ file }) => file).sort()).toEqual([
      ...['admins-at-home.js', 'app-passwords.js', 'by-team.js', 'guests.js', 'pop3-teams.js', 'shop.js'],
    ]));

  it.each(shown.map(({ page, file }) => [page, file]))('%s: %s is whole and described', async (_page, file) => {
    const module: unknown = await new ModulePlugins(new Map(), (url) => import(url.replace(/\?.*$/, ''))).load(
      `./plugins/${file}`,
      folder.path,
    );
    expect(findPlugin(module)).toMatchObject({ kind: 'plugin' });
  });

  it('app-passwords.js lets in by any of the passwords of its file, and is blind', async () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    folder.add('app', `ann@example.org ${hash('one')}\nann@example.org ${hash('two')}\n__proto__ ${hash('x')}\n`);
    const store = await create<CredentialStore>('app-passwords.js', { file: 'app' });
    expect(await asked(store, 'ann@example.org', 'one')).toBe('deferred');
    await store.start?.(never);
    const all = [
      ['ann@example.org', 'one'],
      ['ann@example.org', 'two'],
      ['ann@example.org', 'three'],
      ['constructor', 'x'],
      ['__proto__', 'x'],
    ] as const;
    expect(await Promise.all(all.map(([user, password]) => asked(store, user, password)))).toEqual([
      ...['accepted', 'accepted', 'rejected', 'unknown-user', 'accepted'],
    ]);
    expect(store.abilities.knowsUsers).toBe(false);
    await store.stop?.(never);
  });

  it('guests.js ends when it says', async () => {
    const store = await create<CredentialStore>('guests.js', {
      guests: [{ user: 'guest', password: 'long and random', until: '2100-01-01T00:00:00Z' }],
    });
    expect(await asked(store, 'guest', 'long and random')).toBe('accepted');
    expect(await asked(store, 'guest', 'wrong')).toBe('rejected');
    expect(await asked(store, 'nobody', 'wrong')).toBe('unknown-user');
    services.clock.jump(Date.parse('2100-01-02T00:00:00Z') - services.clock.now());
    expect(await asked(store, 'guest', 'long and random')).toBe('expired true');
    expect(await asked(store, 'guest', 'wrong')).toBe('expired false');
  });

  it('pop3-teams.js keeps other teams from POP3 and leaves all other answers alone', async () => {
    const policy = await create<Policy>('pop3-teams.js', { teams: ['sales'] });
    const sales: Verdict = { kind: 'accepted', account: { ...account, attributes: { team: 'sales' } } };
    expect(await around(policy, { user: account.user, protocol: 'imap' })).toBe('accepted');
    expect(await around(policy, { user: account.user, protocol: 'pop3' })).toBe('refused');
    expect(await around(policy, { user: account.user, protocol: 'pop3' }, sales)).toBe('accepted');
    expect(await around(policy, { user: account.user, protocol: 'pop3' }, { kind: 'deferred', cause: undefined })).toBe('deferred');
  });

  it('admins-at-home.js asks no store about an admin who is elsewhere', async () => {
    const policy = await create<Policy>('admins-at-home.js', { admins: [account.user], networks: ['10.0.0.0/8'] });
    expect(await around(policy, { user: account.user, client: { ip: '192.0.2.1' } })).toBe('refused, unasked');
    expect(await around(policy, { user: account.user, client: { ip: '10.1.2.3' } })).toBe('accepted');
    expect(await around(policy, { user: 'bob@example.org', client: { ip: '192.0.2.1' } })).toBe('accepted');
  });

  it('by-team.js places one team', async () => {
    const router = await create<BackendRouter>('by-team.js', { sales: 'mail-a' });
    const located = await Promise.all(
      ['sales', 'other'].map((team) => router.locate({ ...account, attributes: { team } }, attempt({ user: account.user }), never)),
    );
    expect(located).toEqual([{ kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }] }, { kind: 'homeless' }]);
  });

  describe('shop.js', () => {
    let server: Server;
    let status = 200;
    beforeAll(async () => {
      server = createServer((request, response) => {
        request.resume();
        response
          .writeHead(request.headers.authorization === 'Bearer our key' ? status : 500, { location: 'http://127.0.0.1:9/' })
          .end('{"host":"mail-a"}');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it.each([
      [200, 'accepted'],
      [401, 'rejected'],
      [404, 'unknown-user'],
      [423, 'disabled false'],
      [429, 'limited'],
      [500, 'deferred'],
      [302, 'deferred'],
    ])('takes %i for %s', async (said, verdict) => {
      status = said;
      const store = await create<CredentialStore>('shop.js', {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        token: 'our key',
      });
      expect(await asked(store, account.user, 'a password')).toBe(verdict);
      expect(services.log.text()).not.toMatch(/our key|a password/);
    });
  });
});

describe('the pages about plugins', () => {
  it.each(pluginPagesShown())('%s links to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\(((?!https?:)[^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(repository, dirname(page), link)))).toEqual([]);
  });
});
