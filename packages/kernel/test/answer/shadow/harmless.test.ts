import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CredentialStore, Verdict } from '@postern/contract';
import fc from 'fast-check';
import { attemptFor, fakeStore, knowing, never, rawAttempt, settled } from '../fakes.js';
import { account, deadlineMs, ShadowRoom } from './room.js';

const accepted: Verdict = { kind: 'accepted', account: account() };
const unknown: Verdict = { kind: 'unknown-user' };

/** Plugins reject with anything. */
const rejecting = async (reason: unknown): Promise<never> => {
  await settled();
  throw reason;
};

const byPassword = () =>
  fakeStore(async ({ proof }) => (proof.mechanism === 'plain' && proof.password === 'right' ? accepted : { kind: 'rejected' }));

describe('a wrong password', () => {
  it('never reaches a shadow, whatever it looks like', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (password) => {
        const [old, shadow] = [byPassword(), byPassword()];
        const room = new ShadowRoom({ stores: [{ ...knowing('old', unknown), instance: old }], shadows: [{ store: shadow }] });
        await room.login('ann@example.org', password);
        expect(old.asked).toHaveLength(1);
        expect(shadow.asked).toHaveLength(password === 'right' ? 1 : 0);
      }),
      { numRuns: 50, examples: [['right'], ['wrong']] },
    );
  });

  it('that a blind store in front rejected too is nobody else’s either', async () => {
    const shadow = byPassword();
    const stores = ['blind', 'old'].map((name) => ({ ...knowing(name, unknown, { rejected: 'next' }), instance: byPassword() }));
    const room = new ShadowRoom({ stores, shadows: [{ store: shadow }] });
    await room.login('ann@example.org', 'wrong');
    expect(shadow.asked).toEqual([]);
  });
});

describe('a shadow in trouble', () => {
  const bad: readonly (readonly [string, () => CredentialStore])[] = [
    ['hangs', () => fakeStore(() => never())],
    ['throws', () => fakeStore(() => Promise.reject(new Error('a bug')))],
    [
      'throws at once',
      () => ({
        abilities: { mechanisms: ['plain'], knowsUsers: true },
        verify: () => {
          throw new Error('a bug');
        },
      }),
    ],
    ['answers nonsense', () => fakeStore({ kind: 'accepted' } as unknown as Verdict)],
    ['throws what is no error', () => fakeStore(() => rejecting(undefined))],
    [
      'has no abilities left',
      () => ({
        get abilities(): never {
          throw new Error('a bug');
        },
        verify: () => never(),
      }),
    ],
  ];

  it.each(bad)('that %s neither delays nor changes an answer', async (_, store) => {
    const alone = new ShadowRoom({ stores: [knowing('old', accepted)] });
    const watched = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store: store() }] });
    const [one, other] = [await alone.login(), await watched.login()];
    expect({ ...other, attempt: undefined }).toEqual({ ...one, attempt: undefined });
    expect(other.tookMs).toBe(0);
    await watched.clock.pass(deadlineMs);
    await settled();
    expect(watched.observer.asking).toBe(0);
  });

  it('is asked only when the answer is out', async () => {
    const order: string[] = [];
    const store = fakeStore(async () => {
      order.push('shadow');
      return accepted;
    });
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store }] });
    await room.pipeline.answer(rawAttempt()).then(() => order.push('answer'));
    await settled();
    expect(order).toEqual(['answer', 'shadow']);
  });

  it('that is busy is left out, and that is counted', async () => {
    const store = fakeStore(() => never());
    const room = new ShadowRoom({
      stores: [knowing('old', accepted)],
      shadows: [{ store, limits: { concurrency: 2, queue: 1 } }],
    });
    for (const user of ['a', 'b', 'c', 'd', 'e']) await room.login(user);
    expect(store.asked).toHaveLength(2);
    expect(room.dropped).toEqual(['busy', 'busy']);
    expect(room.compared).toEqual([]);
  });

  it('is compared with so many logins at once and no more', async () => {
    const waiting: (() => void)[] = [];
    const store = fakeStore(() => new Promise((resolve) => waiting.push(() => resolve(accepted))));
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store }], most: 2 });
    for (const user of ['a', 'b', 'c']) await room.login(user);
    expect(room.dropped).toEqual(['busy']);
    for (const answer of waiting.splice(0)) answer();
    await settled();
    await room.login('d');
    expect(store.asked).toHaveLength(3);
  });

  it('knows that nobody sees its answer', async () => {
    const unseen: (boolean | undefined)[] = [];
    const told = fakeStore(async (attempt) => {
      unseen.push(attempt.unseen);
      return accepted;
    });
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store: told }] });
    await room.login();
    expect(unseen).toEqual([true]);
  });

  it('that has too much to do is busy and not undecided', async () => {
    const cause = Object.assign(new Error('too many'), { overloaded: true });
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store: fakeStore({ kind: 'deferred', cause }) }] });
    await room.login();
    expect([room.dropped, room.compared]).toEqual([['busy'], []]);
  });

  it('that keeps failing is not asked for a while, and that is counted too', async () => {
    const store = fakeStore({ kind: 'deferred', cause: new Error('away') });
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store }] });
    for (const user of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await room.login(user);
    expect(store.asked).toHaveLength(5);
    expect(room.dropped).toEqual(['down', 'down']);
  });

  it('that hangs holds neither timers nor comparisons after 10,000 logins', async () => {
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store: fakeStore(() => never()) }] });
    for (let batch = 0; batch < 20; batch++) {
      await Promise.all(Array.from({ length: 500 }, (_, index) => room.pipeline.answer(rawAttempt({ rawUser: `u${batch}-${index}` }))));
      await settled();
    }
    expect(room.observer.asking).toBe(64 + 256);
    expect(room.dropped).toHaveLength(10_000 - 64 - 256);
    await room.clock.pass(deadlineMs * 2);
    await settled();
    expect(room.observer.asking).toBe(0);
    expect(room.clock.pending).toBe(0);
    expect(room.noted.filter(({ kind }) => kind === 'answered')).toHaveLength(10_000);
  });

  it('that hangs keeps no password beyond its deadline', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const seen: WeakRef<object>[] = [];
    const forgotten: unknown[] = [];
    const store: CredentialStore = {
      abilities: { mechanisms: ['plain'], knowsUsers: true },
      verify: (attempt) => {
        seen.push(new WeakRef(attempt), new WeakRef(attempt.proof));
        return new Promise((resolve) => void forgotten.push(resolve));
      },
    };
    const old: CredentialStore = { abilities: store.abilities, verify: async () => accepted };
    const room = new ShadowRoom({ stores: [{ ...knowing('old', unknown), instance: old }], shadows: [{ store }] });
    await room.login();
    expect(seen).toHaveLength(2);
    await room.clock.pass(deadlineMs);
    for (let turn = 0; turn < 3; turn++) await settled();
    collect();
    expect(seen.map((ref) => ref.deref())).toEqual([undefined, undefined]);
    expect(forgotten).toHaveLength(1);
  });

  it('speaks too late for anybody to hear, and nothing breaks', async () => {
    const late: ((reason: Error) => void)[] = [];
    const store = fakeStore(() => new Promise((_, reject) => late.push(reject)));
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store, limits: { timeoutMs: 200 } }] });
    await room.login();
    await room.clock.pass(200);
    expect(room.compared).toEqual(['old shadow undecided']);
    late[0]?.(new Error('too late'));
    await settled();
    expect(room.compared).toHaveLength(1);
  });

  it('is told that its time is over', async () => {
    const signals: AbortSignal[] = [];
    const store = fakeStore((_, signal) => {
      signals.push(signal);
      return never();
    });
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store, limits: { timeoutMs: 200 } }] });
    await room.login();
    await room.clock.pass(200);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe('a ledger that throws', () => {
  it('hurts nobody', async () => {
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store: fakeStore(accepted) }] });
    room.noted.push = () => {
      throw new Error('the book is shut');
    };
    expect((await room.login()).answer.kind).toBe('placed');
    expect((await room.login()).answer.kind).toBe('placed');
    expect(room.log.lines.filter(({ message }) => message === 'a login could not be compared')).not.toEqual([]);
  });
});

describe('the end of a generation', () => {
  it('waits for comparisons under way, but not for ever', async () => {
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store: fakeStore(() => never()) }] });
    await room.login();
    let stopped = false;
    const stopping = room.observer.stop(1000).then(() => (stopped = true));
    await room.clock.pass(999);
    expect(stopped).toBe(false);
    await room.clock.pass(1);
    await stopping;
    expect(room.dropped).toEqual(['stopped']);
    expect(room.observer.asking).toBe(0);
    await room.clock.pass(deadlineMs);
    expect(room.clock.pending).toBe(0);
  });

  it('takes what had just been answered with it, and asks nobody afterwards', async () => {
    const store = fakeStore(accepted);
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store }] });
    await room.pipeline.answer(rawAttempt());
    await room.observer.stop(1000);
    expect(room.compared).toEqual(['old shadow match']);
    await room.login();
    expect(store.asked).toHaveLength(1);
    expect(room.dropped).toEqual(['stopped']);
  });
});

describe('the share of a shadow', () => {
  it('is its own `when`: always the same users, by canonical name', async () => {
    const store = fakeStore(accepted);
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store, when: { percent: 10 } }] });
    for (let index = 0; index < 2000; index++) await room.pipeline.answer(rawAttempt({ rawUser: `user${index}` }));
    await settled();
    const first = store.asked.map(({ user }) => user);
    expect(first.length).toBeGreaterThan(140);
    expect(first.length).toBeLessThan(260);
    store.asked.length = 0;
    for (let index = 0; index < 2000; index++) await room.pipeline.answer(rawAttempt({ rawUser: `USER${index}@Example.org` }));
    await settled();
    expect(store.asked.map(({ user }) => user)).toEqual(first);
  });

  it('does not change how logins are answered by those who are not in it', async () => {
    const store = fakeStore(accepted);
    const room = new ShadowRoom({ stores: [knowing('old', accepted)], shadows: [{ store, when: { domain: 'example.net' } }] });
    await room.login('ann@example.org');
    await room.login('ben@example.net');
    expect(store.asked.map(({ user }) => user)).toEqual(['ben@example.net']);
    expect(attemptFor().user).toBe('alice@example.org');
  });
});

afterEach(() => setFlagsFromString('--no-expose-gc'));
