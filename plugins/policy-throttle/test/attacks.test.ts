import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Ask, SharedState } from '@postern/contract';
import { attempt, fakeServices, plainProof } from '@postern/testkit';
import fc from 'fast-check';
import { placesOf } from '../src/place.js';
import { proofDigest } from '../src/proof-digest.js';

import { guess, room, type Room, store, times } from './support/room.js';

const slow: Ask = async (login, signal) => {
  await setImmediate();
  return store(login, signal);
};

describe('a botnet at one user', () => {
  const bot = (index: number): string => `203.0.113.${index}`;

  it('locks itself out, and not the phone that logged in lately', async () => {
    const throttle = await room({ user: { tries: 5 } });
    expect(await throttle.login()).toBe('accepted');
    const kinds = await guess(throttle, 30, (index) => ({ client: { ip: bot(index) } }));
    expect(kinds).toEqual([...times(5, 'rejected'), ...times(25, 'limited')]);
    expect(await throttle.login()).toBe('accepted');
    expect(await throttle.login({ client: { ip: '198.51.100.9' } })).toBe('limited');
  });

  it('in the phone’s own network is held by the limit of that network for that user', async () => {
    const throttle = await room({ user: { tries: 5 }, pair: { tries: 4 } });
    await throttle.login();
    expect(await guess(throttle, 6)).toEqual([...times(4, 'rejected'), ...times(2, 'limited')]);
  });

  it('does no harm to the phone even when the phone has an old password for a while', async () => {
    const throttle = await room({ user: { tries: 5 } });
    await throttle.login();
    await guess(throttle, 30, (index) => ({ client: { ip: bot(index) } }));
    for (let time = 0; time < 20; time += 1) expect(await throttle.login({ password: 'old' })).toBe('rejected');
    expect(await throttle.login()).toBe('accepted');
  });

  it('finds the phone’s network closed again when it was not used for long', async () => {
    const throttle = await room({ user: { tries: 5 }, knownGoodFor: '1d' });
    await throttle.login();
    await throttle.services.clock.step(86_400_000);
    await guess(throttle, 10, (index) => ({ client: { ip: bot(index) } }));
    expect(await throttle.login()).toBe('limited');
  });
});

describe('many at once', () => {
  it('pass no limit that one after the other would not', async () => {
    const throttle = await room({ user: { tries: 5 } }, { next: slow });
    const kinds = await Promise.all(Array.from({ length: 200 }, (_, index) => throttle.login({ password: `wrong-${index}` })));
    expect(throttle.asked).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'rejected')).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'limited')).toHaveLength(195);
  });

  it('pass none at several processes either', async () => {
    const services = fakeServices();
    const processes: Room[] = [];
    for (let count = 0; count < 3; count += 1) processes.push(await room({ user: { tries: 5 } }, { services, next: slow }));
    const logins = Array.from({ length: 90 }, (_, index) => (processes[index % 3] as Room).login({ password: `wrong-${index}` }));
    const done = Promise.all(logins);
    for (let time = 0; time < 40; time += 1) await services.clock.step(50);
    await done;
    expect(processes.reduce((sum, { asked }) => sum + asked.length, 0)).toBe(5);
  });

  it('pass none with one password for many users of a network', async () => {
    const throttle = await room({ network: { tries: 7 } }, { next: slow });
    await Promise.all(Array.from({ length: 60 }, (_, index) => throttle.login({ user: `user-${index}@example.org`, password: 'Spring' })));
    expect(throttle.asked).toHaveLength(7);
  });

  it('with right passwords all come in, more than the limit of the network', async () => {
    const right: Ask = async ({ user }) => {
      await setImmediate();
      return { kind: 'accepted', account: { user, attributes: {} } };
    };
    const throttle = await room({ network: { tries: 5 } }, { next: right });
    const kinds = await Promise.all(Array.from({ length: 60 }, (_, index) => throttle.login({ user: `user-${index}@example.org` })));
    expect(kinds).toEqual(times(60, 'accepted'));
  });

  it('pass none by repeating a password whose answer is not known yet', async () => {
    const answers: (() => void)[] = [];
    const services = fakeServices();
    const next: Ask = () => new Promise((resolve) => answers.push(() => resolve({ kind: 'rejected' })));
    const throttles = [
      await room({ user: { tries: 2 } }, { services, next }),
      await room({ user: { tries: 2 } }, { services, next }),
    ] as const;
    const logins: Promise<string>[] = [];
    const tried = async (password: string, process: 0 | 1 = 0): Promise<void> => {
      logins.push(throttles[process].login({ password }));
      await setImmediate();
    };
    for (const password of ['a', 'b', 'c', 'd']) await tried(password);
    for (let time = 0; time < 4; time += 1) {
      // All at the same moment, so that those that are known find the room taken by the one that has to wait.
      for (const password of ['e', 'a', 'b']) logins.push(throttles[0].login({ password }), throttles[1].login({ password }));
      await services.clock.step(50);
    }
    const passwords = throttles.flatMap(({ asked }) => asked.map(({ proof }) => (proof.mechanism === 'plain' ? proof.password : '')));
    expect([...new Set(passwords)].sort()).toEqual(['a', 'b']);
    for (let time = 0; time < 24; time += 1) {
      for (const answer of answers.splice(0)) answer();
      await services.clock.step(50);
    }
    await Promise.all(logins);
    expect(services.shared.keys.filter((key) => /^p:/.test(key))).toEqual([]);
  });

  it('pass none while a ban is being made', async () => {
    const services = fakeServices();
    let gate: Promise<void> | undefined;
    let open = (): void => undefined;
    const note: SharedState['note'] = async (key, member, rules) => {
      if (key.startsWith('p:')) await gate;
      return services.shared.note(key, member, rules);
    };
    const shared = new Proxy(services.shared, {
      get: (state, name) => {
        const found: unknown = name === 'note' ? note : Reflect.get(state, name);
        return typeof found === 'function' ? (...given: unknown[]): unknown => Reflect.apply(found, state, given) : found;
      },
    });
    const throttle = await room({ user: { tries: 1 } }, { services: { ...services, shared } });
    gate = new Promise((resolve) => (open = resolve));
    const slower = throttle.login({ password: 'b' });
    await setImmediate();
    gate = undefined;
    expect(await throttle.login({ password: 'a' })).toBe('rejected');
    open();
    expect(await slower).toBe('limited');
    expect(throttle.asked).toHaveLength(1);
    expect(services.shared.keys.filter((key) => /^p:/.test(key))).toEqual([]);
  });

  it('find no room while another process is about to make the ban', async () => {
    const throttle = await room({ user: { tries: 1 } });
    const { user, pair } = placesOf(attempt(), {
      user: { tries: 1, per: 1 },
      network: { tries: 9, per: 1, v4: 32, v6: 64 },
      pair: undefined,
    });
    for (const { id } of [user, pair]) await throttle.services.shared.increment(`c:${id}`, 1, 5000);
    expect(await throttle.login({ password: 'a' })).toBe('rejected');
    const next = throttle.login({ password: 'b' });
    for (let time = 0; time < 24; time += 1) await throttle.services.clock.step(50);
    expect(await next).toBe('limited');
    expect(throttle.asked).toHaveLength(1);
  });

  it('of one device with one password are one', async () => {
    const throttle = await room({ user: { tries: 1 } }, { next: slow });
    expect(await Promise.all(Array.from({ length: 20 }, () => throttle.login()))).toEqual(times(20, 'accepted'));
  });

  it('wait no longer than a second for a store that hangs, and not for ever when given up', async () => {
    const throttle = await room({ user: { tries: 1 } }, { next: () => new Promise(() => undefined) });
    void throttle.ask({ password: 'a' });
    await setImmediate();
    const second = throttle.ask({ password: 'b' });
    const abort = new AbortController();
    const third = throttle.ask({ password: 'c' }, abort.signal);
    await setImmediate();
    abort.abort(new Error('given up'));
    await expect(third).rejects.toThrow('given up');
    await throttle.services.clock.step(1100);
    expect(await second).toEqual({ kind: 'limited', retryAfterMs: 1000 });
  });

  it('leave room when they are given up or cannot be told', async () => {
    const throttle = await room({ user: { tries: 2 } }, { next: () => Promise.reject(new Error('down')) });
    for (let time = 0; time < 10; time += 1) await expect(throttle.ask({ password: `x${time}` })).rejects.toThrow('down');
    expect(throttle.services.shared.keys.filter((key) => /^[ps]:/.test(key))).toEqual([]);
  });
});

describe('names', () => {
  it('that stand for one user count for that user', async () => {
    const throttle = await room({ user: { tries: 3 } });
    const aliases = ['ann', 'ANN@Example.org', 'ann+x@example.org', 'Ann'];
    expect(await guess(throttle, 4, (index) => ({ rawUser: aliases[index] ?? '' }))).toEqual([...times(3, 'rejected'), 'limited']);
  });

  it('cannot be chosen so that one user counts as another, nor a pair as another pair', () => {
    const limits = { user: { tries: 1, per: 1 }, network: { tries: 1, per: 1, v4: 32, v6: 64 }, pair: undefined };
    const key = Buffer.from('key');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'a:', '1:a', 'a\0b', '12:ann192.0.2.1'));
    fc.assert(
      fc.property(text, text, text, text, (user, password, otherUser, otherPassword) => {
        const digests = [
          proofDigest(key, { user, proof: plainProof(password) }),
          proofDigest(key, { user: otherUser, proof: plainProof(otherPassword) }),
        ];
        const same = user === otherUser && Buffer.from(password).equals(Buffer.from(otherPassword));
        expect(digests[0] === digests[1]).toBe(same);
        const [one, other] = [placesOf(attempt({ user }), limits), placesOf(attempt({ user: otherUser }), limits)];
        expect([one.user.id === other.user.id, one.pair.id === other.pair.id]).toEqual([user === otherUser, user === otherUser]);
        expect(one.pair.id).toMatch(/^p[\w-]{17}$/);
      }),
    );
  });
});

describe('secrets', () => {
  /** Everything that a login with a wrong password puts into the shared state, the log and the metrics. */
  const said = async (config: unknown): Promise<string> => {
    const services = fakeServices();
    const told: string[] = [];
    const shared = new Proxy(services.shared, {
      get: (state, name) => {
        const member: unknown = Reflect.get(state, name);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          told.push(JSON.stringify(given));
          return Reflect.apply(member, state, given);
        };
      },
    });
    const { login } = await room(config, { services: { ...services, shared } });
    await login({ password: 'canary-password' });
    // Behind the digest of a password whose answer is not known yet stands the process that waits for it: a random word.
    const words = told.map((one) => one.replace(/^(\["p:[\w-]{18}","[\w-]{11})[\w-]{8}"/, '$1"'));
    return [...words, services.log.text(), services.metrics.text()].join('\n');
  };

  it('are neither kept nor told, nor is a plain hash of one', async () => {
    const text = await said({ guard: {}, user: { tries: 1 } });
    expect(text).not.toContain('canary-password');
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        expect(text).not.toContain(createHash(algorithm).update('canary-password').digest(encoding).slice(0, 11));
      }
    }
  });

  it('stand under digests of the deployment’s own: with one key they are equal, with another not', async () => {
    const withKey = (key: string): Promise<string> => said({ secret: key, user: { tries: 9 } });
    expect(await withKey('one')).toBe(await withKey('one'));
    expect(await withKey('one')).not.toBe(await withKey('other'));
    expect(await said({ secret: 'the key itself' })).not.toContain('the key itself');
  });
});
