import { describe, expect, it } from '@jest/globals';
import { splitUser, type Account, type BackendRouter, type LoginAttempt, type Routing } from '@postern/contract';
import { CollectingRunner, describeBackendRouter } from '@postern/testkit';

type Locate = (account: Account, attempt: LoginAttempt, signal: AbortSignal) => Routing | Promise<Routing>;

const at = (name: string): Routing => ({ kind: 'placed', backends: [{ kind: 'named', name }] });
const honest: Locate = ({ user }) => (user === 'ann@example.org' ? at('mail-a') : { kind: 'homeless' });

const router = (locate: Locate): BackendRouter => ({ locate: async (...question) => locate(...question) });

/** Names of the cases that fail for a router. */
const failures = async (locate: Locate, outage?: Locate): Promise<readonly string[]> => {
  const runner = new CollectingRunner();
  describeBackendRouter(runner, {
    make: () => router(locate),
    backends: ['mail-a', 'mail-b'],
    placed: [{ user: 'ann@example.org', attributes: { host: 'mail-a' } }],
    homeless: { user: 'cleo', attributes: {} },
    ...(outage === undefined ? {} : { outage: () => router(outage) }),
  });
  const results = await runner.run();
  return results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
};

let turn = 0;

describe('the suite for backend routers', () => {
  it('lets a router pass that keeps its role', async () => {
    expect(await failures(honest, () => ({ kind: 'deferred', cause: new Error('down') }))).toEqual([]);
  });

  it.each<[string, Locate, string]>([
    [
      'names a backend that was not declared',
      (who, ...rest) => (who.user === 'ann@example.org' ? at('mail-x') : honest(who, ...rest)),
      'backends that can exist',
    ],
    ['places at no backend', () => ({ kind: 'placed', backends: [] }), 'backends that can exist'],
    [
      'names a port that is none',
      () => ({ kind: 'placed', backends: [{ kind: 'direct', host: '10.0.0.1', port: 0 }] }),
      'backends that can exist',
    ],
    ['names a host that is none', () => ({ kind: 'placed', backends: [{ kind: 'direct', host: 'a b' }] }), 'backends that can exist'],
    ['names a backend twice', () => ({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }, { kind: 'named', name: 'mail-a' }] }), 'backends that can exist'], // prettier-ignore
    ['changes its mind', () => at((turn += 1) % 2 === 0 ? 'mail-a' : 'mail-b'), 'same answer every time'],
    ['looks at the client', (_, { client }) => at(client.ip.includes(':') ? 'mail-b' : 'mail-a'), 'same answer every time'],
    ['has a home for everybody, unsaid', () => at('mail-a'), 'homeless for an account'],
    ['writes into the account', (account, ...rest) => { Object.assign(account, { seen: true }); return honest(account, ...rest); }, 'changes neither'], // prettier-ignore
    ['takes the host from the user', ({ user }) => ({ kind: 'placed', backends: [{ kind: 'direct', host: splitUser(user).domain || 'x.example' }] }), 'a host for a domain'], // prettier-ignore
    ['throws for long users', (who, ...rest) => { if (who.user.length > 1000) throw new Error('too long'); return honest(who, ...rest); }, 'a mebibyte of letters'], // prettier-ignore
    [
      'reads inherited properties',
      (who) => ({ 'ann@example.org': at('mail-a') })[who.user] ?? { kind: 'homeless' },
      'an inherited property',
    ],
  ])('catches a router that %s', async (_, locate, name) => {
    expect(await failures(locate)).toContainEqual(expect.stringContaining(name));
  });

  it('catches a router that calls an account homeless because it cannot look', async () => {
    expect(await failures(honest, () => ({ kind: 'homeless' }))).toContainEqual(expect.stringContaining('cannot look'));
  });
});
