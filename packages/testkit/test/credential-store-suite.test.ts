import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, Lifecycle, LoginAttempt, Lookup, Verdict } from '@postern/contract';
import { CollectingRunner, describeCredentialStore, type CredentialStoreSetup, type FakeServices } from '../src/index.js';

const users = new Map<string, string>(Array.from({ length: 50 }, (_, index) => [`user-${index}@example.org`, `Secret-${index}-of-many`]));
users.set('ann@example.org', 'Right-Password-1');

/** A store as it should be; each test breaks one thing of it. */
class Sound implements CredentialStore, Lifecycle {
  readonly abilities: CredentialStore['abilities'] = { mechanisms: ['plain'], knowsUsers: true };
  protected readonly services: FakeServices;
  #running = false;

  constructor(services: FakeServices) {
    this.services = services;
  }

  start(): Promise<void> {
    this.#running = true;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#running = false;
    return Promise.resolve();
  }

  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    signal.throwIfAborted();
    if (!this.#running) return { kind: 'deferred', cause: 'not running' };
    if (attempt.proof.mechanism !== 'plain') return { kind: 'unsupported' };
    return this.judge(attempt.user, attempt.proof.password, attempt);
  }

  // Some of the broken stores below want the attempt.
  async judge(user: string, password: string, ...rest: readonly LoginAttempt[]): Promise<Verdict> {
    if (rest.length !== 1) throw new Error('one attempt at a time');
    if (user === 'off@example.org') return { kind: 'refused', why: 'disabled', proofHeld: password === 'Right-Password-2' };
    if (password === '') return { kind: 'rejected' };
    if (!users.has(user)) return { kind: 'unknown-user' };
    return users.get(user) === password ? { kind: 'accepted', account: { user, attributes: {} } } : { kind: 'rejected' };
  }

  async lookup(user: string): Promise<Lookup> {
    if (user === 'off@example.org') return { kind: 'refused', why: 'disabled' };
    return users.has(user) ? { kind: 'found', account: { user, attributes: {} } } : { kind: 'unknown-user' };
  }
}

type Make = CredentialStoreSetup['make'];

const setup = (make: Make): CredentialStoreSetup => ({
  name: 'the store',
  make,
  known: { user: 'ann@example.org', password: 'Right-Password-1' },
  unknown: 'nobody@example.org',
  disabled: { user: 'off@example.org', password: 'Right-Password-2' },
  many: [...users].map(([user, password]) => ({ user, password })),
  hanging: (services) =>
    new (class extends Sound {
      override verify(_: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
        return new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }
    })(services),
  outages: {
    refused: (services) =>
      new (class extends Sound {
        override start = () => Promise.reject(new Error('refused'));
      })(services),
  },
  failingStart: (services) =>
    new (class extends Sound {
      override start = () => Promise.reject(new Error('refused'));
    })(services),
});

const failures = async (given: CredentialStoreSetup): Promise<readonly string[]> => {
  const runner = new CollectingRunner();
  describeCredentialStore(runner, given);
  return (await runner.run()).filter((result) => result.outcome === 'failed').map((result) => result.name.replace(/^.*› /, ''));
};

const broken = (judge: Sound['judge'], more: Partial<CredentialStoreSetup> = {}): Promise<readonly string[]> =>
  failures({
    ...setup(
      (services) =>
        new (class extends Sound {
          override judge = judge;
        })(services),
    ),
    ...more,
  });

const accepted = (user: string): Verdict => ({ kind: 'accepted', account: { user, attributes: {} } });
const sound = (user: string, password: string): Verdict => {
  if (password === '') return { kind: 'rejected' };
  if (!users.has(user)) return { kind: 'unknown-user' };
  return users.get(user) === password ? accepted(user) : { kind: 'rejected' };
};

describe('the suite for credential stores', () => {
  it('passes a sound store', async () => {
    expect(await failures(setup((services) => new Sound(services)))).toEqual([]);
  });

  it('catches a store that says yes to everybody', async () => {
    const names = await broken(async (user) => accepted(user));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('rejects a wrong password')]));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('empty password')]));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('hostile name')]));
  });

  it('catches a store that compares only a part of the password, or not its case', async () => {
    const prefix = await broken(async (user, password) =>
      sound(user, users.get(user)?.startsWith(password) === true ? users.get(user)! : password),
    );
    expect(prefix).toEqual(expect.arrayContaining([expect.stringContaining('nearly right')]));
    const folded = await broken(async (user, password) =>
      users.get(user)?.toLowerCase() === password.toLowerCase() ? accepted(user) : sound(user, password),
    );
    expect(folded).toEqual(expect.arrayContaining([expect.stringContaining('nearly right')]));
  });

  it('catches a store that calls an unknown user wrong although it declares to know its users', async () => {
    const names = await broken(async (user, password) => (users.has(user) ? sound(user, password) : { kind: 'rejected' }));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('calls an unknown user unknown')]));
  });

  it('catches a store that asks its backend about an empty password', async () => {
    let asked = 0;
    const names = await broken(async (user, password) => ((asked += 1), sound(user, password)), { asked: () => asked });
    expect(names).toEqual([
      expect.stringContaining('rejects an empty password without asking anybody'),
      expect.stringContaining('disabled'),
    ]);
  });

  it('catches a store that takes a name apart', async () => {
    const names = await broken(async (user, password) => sound(user.split(/[\0)*' ]/)[0]!, password));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('hostile name')]));
  });

  it('catches a store that looks names up in an ordinary object', async () => {
    const table = Object.fromEntries(users) as Record<string, unknown>;
    const names = await broken(async (user, password) => {
      if (password === '') return { kind: 'rejected' };
      const stored = table[user];
      if (stored === undefined) return { kind: 'unknown-user' };
      return stored === password ? accepted(user) : (stored as string).startsWith('x') ? accepted(user) : { kind: 'rejected' };
    });
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('hostile name')]));
  });

  it('catches a store that answers one login with another one', async () => {
    let last = '';
    const names = await broken(async (user, password) => {
      last = user;
      await Promise.resolve();
      const verdict = sound(user, password);
      return verdict.kind === 'accepted' ? accepted(last) : verdict;
    });
    expect(names).toEqual([expect.stringContaining('disabled'), expect.stringContaining('never mixes up users')]);
  });

  it('catches passwords in logs, in metrics and in causes', async () => {
    for (const say of [
      (services: FakeServices, password: string) => services.log.debug('tried', { error: new Error(`not ${password}`) }),
      (services: FakeServices, password: string) => services.metrics.counter({ name: 'x', help: '' }).inc({ password }),
      (services: FakeServices, password: string) => void services.shared.set(`failed:${password}`, '1', 1000),
    ]) {
      const make: Make = (services) =>
        new (class extends Sound {
          override async judge(user: string, password: string, attempt: LoginAttempt): Promise<Verdict> {
            say(this.services, password);
            return super.judge(user, password, attempt);
          }
        })(services);
      expect((await failures(setup(make))).length).toBeGreaterThan(3);
    }
    const causes = await broken(async (user, password) => (password === '' ? { kind: 'rejected' } : sound(user, password)), {
      outages: {
        chatty: (services) =>
          new (class extends Sound {
            override verify = async ({ proof }: LoginAttempt): Promise<Verdict> => {
              throw new Error(`backend said no to ${proof.mechanism === 'plain' ? proof.password : ''}`);
            };
          })(services),
      },
    });
    expect(causes).toEqual(expect.arrayContaining([expect.stringContaining('tells an outage from a wrong password')]));
  });

  it('catches a store that calls an outage a wrong password, and one that never ends', async () => {
    const rejecting: Make = (services) =>
      new (class extends Sound {
        override verify = async (): Promise<Verdict> => ({ kind: 'rejected' });
      })(services);
    const deaf: Make = (services) =>
      new (class extends Sound {
        override verify = (): Promise<Verdict> => new Promise(() => undefined);
      })(services);
    const given = setup((services) => new Sound(services));
    expect(await failures({ ...given, outages: { rejecting }, hanging: deaf, failingStart: rejecting })).toEqual([
      expect.stringContaining('ends soon after a login is given up'),
      expect.stringContaining('tells an outage'),
      expect.stringContaining('could not start'),
    ]);
  });

  it('catches a store that answers after it was stopped, and one whose account cannot be said in a header', async () => {
    const eternal: Make = (services) =>
      new (class extends Sound {
        override stop = () => Promise.resolve();
      })(services);
    expect(await failures(setup(eternal))).toEqual([expect.stringContaining('stops twice')]);
    const names = await broken(async (user, password) => {
      const verdict = sound(user, password);
      return verdict.kind === 'accepted' ? accepted(`${user}\r\nAuth-Server: 192.0.2.1`) : verdict;
    });
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('said in a header')]));
  });

  it('catches a store that writes to the attempt', async () => {
    const names = await broken(async (user, password, attempt) => {
      (attempt as { user: string }).user = 'somebody else';
      return sound(user, password);
    });
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('accepts the right password')]));
  });

  it('fails a case whose part of the set-up is missing, and skips it only for a reason', async () => {
    const { name, make, known, unknown, disabled, many } = setup((services) => new Sound(services));
    const rest = { name, make, known, unknown, disabled: disabled!, many: many! };
    expect(await failures(rest)).toHaveLength(3);
    const reason = 'it keeps everything in memory';
    const runner = new CollectingRunner();
    describeCredentialStore(runner, { ...rest, skip: { 'aborted-during': reason, outages: reason, 'failing-start': reason } });
    const results = await runner.run();
    expect(results.filter((result) => result.outcome === 'failed')).toEqual([]);
    expect(results.filter((result) => result.outcome === 'skipped' && result.name.includes(reason))).toHaveLength(3);
  });
});
