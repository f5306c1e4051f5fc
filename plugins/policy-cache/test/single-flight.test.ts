import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { LoginAttempt, Verdict } from '@postern/contract';
import { attempt } from '@postern/testkit';
import { accepted, deferred, disabled, never, open, rejected, type Opened } from './support/open.js';

interface Held extends Opened {
  readonly signals: readonly AbortSignal[];
  /** Answers the question that was put as the `index`th. */
  answer(index: number, verdict: Verdict): Promise<void>;
}

/** A cache around stores that answer when the test says so. */
const held = async (input: object = {}): Promise<Held> => {
  const cache = await open(input);
  const signals: AbortSignal[] = [];
  const pending: ((verdict: Verdict) => void)[] = [];
  cache.says = (_: LoginAttempt, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise((resolve) => pending.push(resolve));
  };
  const answer = async (index: number, verdict: Verdict): Promise<void> => {
    pending[index]?.(verdict);
    await setImmediate();
  };
  return Object.assign(cache, { signals, answer });
};

const outcome = (asked: Promise<Verdict>): Promise<string> =>
  asked.then(
    ({ kind }) => kind,
    (reason: unknown) => `threw ${String(reason)}`,
  );

describe('identical attempts at the same time', () => {
  it.each<Verdict>([accepted(), rejected, deferred, { kind: 'limited' }, disabled])(
    'rule 66: ask once, and all hear the answer: %j',
    async (verdict) => {
      const cache = await held();
      const logins = Array.from({ length: 20 }, () => cache.login());
      expect(cache.asked).toHaveLength(1);
      await cache.answer(0, verdict);
      expect((await Promise.all(logins)).every((one) => one === verdict)).toBe(true);
      expect([cache.answers('miss'), cache.answers('joined')]).toEqual([1, 19]);
    },
  );

  it('ask for themselves as soon as anything differs', async () => {
    const cache = await held();
    const parts = [
      {},
      { password: 'x' },
      { user: 'bob@example.org' },
      { protocol: 'smtp' },
      { tls: {} },
      { client: { ip: '::1' } },
    ] as const;
    const logins = parts.map((one) => cache.login(one));
    expect(cache.asked).toHaveLength(6);
    for (const index of parts.keys()) await cache.answer(index, index === 0 ? accepted() : rejected);
    expect((await Promise.all(logins)).map(({ kind }) => kind)).toEqual(['accepted', ...Array<string>(5).fill('rejected')]);
  });

  it('a bug further in defers all of them, thrown at once or later', async () => {
    const cache = await open();
    for (const says of [
      () => Promise.reject(new Error('a bug')),
      () => {
        throw new Error('a bug');
      },
    ]) {
      cache.says = says;
      const kinds = await Promise.all(Array.from({ length: 3 }, () => outcome(cache.login())));
      expect(kinds).toEqual(['deferred', 'deferred', 'deferred']);
    }
  });
});

describe('one who gives up', () => {
  it('rule 66: ends nobody else’s waiting, not even the one who put the question', async () => {
    const cache = await held();
    const [first, second] = [new AbortController(), new AbortController()];
    const asking = outcome(cache.around(attempt(), first.signal));
    const waiting = outcome(cache.around(attempt(), second.signal));
    const patient = outcome(cache.login());
    first.abort('the first is gone');
    second.abort('the second is gone');
    expect([await asking, await waiting]).toEqual(['threw the first is gone', 'threw the second is gone']);
    expect(cache.signals[0]?.aborted).toBe(false);
    await cache.answer(0, accepted());
    expect(await patient).toBe('accepted');
    expect(cache.asked).toHaveLength(1);
  });

  it('calls the question off when nobody is left; whoever comes then asks anew', async () => {
    const cache = await held();
    const aborts = [new AbortController(), new AbortController()];
    const logins = aborts.map(({ signal }) => outcome(cache.around(attempt(), signal)));
    aborts[0]?.abort('gone');
    expect(cache.signals[0]?.aborted).toBe(false);
    aborts[1]?.abort('gone');
    expect(cache.signals[0]?.aborted).toBe(true);
    expect(await Promise.all(logins)).toEqual(['threw gone', 'threw gone']);
    const again = [outcome(cache.login())];
    await cache.answer(0, deferred);
    again.push(outcome(cache.login()));
    expect(cache.asked).toHaveLength(2);
    await cache.answer(1, rejected);
    expect(await Promise.all(again)).toEqual(['rejected', 'rejected']);
  });

  it('does not wait when it had given up before it came', async () => {
    const cache = await held();
    expect(await outcome(cache.around(attempt(), AbortSignal.abort('long gone')))).toBe('threw long gone');
    const waiting = cache.login();
    expect(await outcome(cache.around(attempt(), AbortSignal.abort('long gone')))).toBe('threw long gone');
    await cache.answer(1, accepted());
    expect((await waiting).kind).toBe('accepted');
  });

  it('leaves no listener behind', async () => {
    const cache = await open();
    const { signal } = new AbortController();
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => ((listeners += 1), add(...args)),
      removeEventListener: (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args)),
    });
    for (const password of ['a', 'b', 'c']) await cache.around(attempt({ password }), signal);
    expect(listeners).toBe(0);
  });
});

describe('one who comes late', () => {
  it('asks anew, once for all of them, when the time of the first is over and theirs is not', async () => {
    const cache = await held();
    const first = cache.login();
    await cache.services.clock.step(4000);
    const late = [cache.login(), cache.login(), cache.login()];
    await cache.answer(0, deferred);
    expect((await first).kind).toBe('deferred');
    expect(cache.asked).toHaveLength(2);
    await cache.answer(1, accepted());
    expect((await Promise.all(late)).map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('does so once and not for ever', async () => {
    const cache = await held();
    void cache.login();
    await cache.services.clock.step(4000);
    const late = cache.login();
    await cache.answer(0, deferred);
    await cache.services.clock.step(4000);
    await cache.answer(1, deferred);
    expect((await late).kind).toBe('deferred');
    expect(cache.asked).toHaveLength(2);
  });
});

describe('a refusal that says nothing of an account', () => {
  it('is not shared: with which words it is told depends on whether a store was asked', async () => {
    const cache = await held();
    const verdict: Verdict = { kind: 'refused', why: 'tls-required', proofHeld: false };
    const logins = [cache.login(), cache.login()];
    await cache.answer(0, verdict);
    expect(cache.asked).toHaveLength(2);
    await cache.answer(1, verdict);
    expect(await Promise.all(logins)).toEqual([verdict, verdict]);
  });
});

describe('a question on its way', () => {
  it('is not kept, yes or no, when the user, the domain or everybody changed meanwhile', async () => {
    for (const change of [{ user: 'ann@example.org' }, { user: 'ANN@EXAMPLE.ORG' }, { domain: 'example.org' }, { all: true }] as const) {
      for (const verdict of [accepted(), rejected]) {
        const cache = await held();
        const login = cache.login();
        cache.services.changes.announce(change);
        await cache.answer(0, verdict);
        expect((await login).kind).toBe(verdict.kind);
        void cache.login();
        expect(cache.asked).toHaveLength(2);
        await cache.answer(1, rejected);
      }
    }
  });

  it('is not joined by those who come after the change', async () => {
    const cache = await held();
    const before = cache.login();
    cache.services.changes.announce({ user: 'ann@example.org' });
    const after = cache.login();
    expect(cache.asked).toHaveLength(2);
    await cache.answer(0, accepted());
    await cache.answer(1, rejected);
    expect([(await before).kind, (await after).kind]).toEqual(['accepted', 'rejected']);
    expect(await cache.kind()).toBe('rejected');
  });

  it('is kept when somebody else changed', async () => {
    const cache = await held();
    const login = cache.login();
    cache.services.changes.announce({ user: 'bob@example.org' });
    cache.services.changes.announce({ domain: 'example.net' });
    await cache.answer(0, accepted());
    await login;
    expect(await cache.kind()).toBe('accepted');
  });

  it('is not kept when another one heard meanwhile that the account is shut out', async () => {
    for (const verdict of [disabled, { kind: 'unknown-user' }] as const) {
      const cache = await held();
      const slow = cache.login();
      const quick = cache.login({ password: 'wrong', client: { ip: '203.0.113.1' } });
      await cache.answer(1, verdict);
      await quick;
      await cache.answer(0, accepted());
      expect((await slow).kind).toBe('accepted');
      void cache.login();
      expect(cache.asked).toHaveLength(3);
      await cache.answer(2, rejected);
    }
  });

  it('is kept although somebody tries wrong passwords for the same user all the time', async () => {
    const cache = await held();
    const slow = cache.login();
    const guess = cache.login({ password: 'guess', client: { ip: '203.0.113.1' } });
    await cache.answer(1, rejected);
    await guess;
    await cache.answer(0, accepted());
    await slow;
    expect(await cache.kind()).toBe('accepted');
  });

  it('is not kept when the same password was rejected meanwhile elsewhere', async () => {
    const cache = await held();
    const slow = cache.login();
    const other = cache.login({ protocol: 'pop3' });
    await cache.answer(1, rejected);
    await other;
    await cache.answer(0, accepted());
    await slow;
    void cache.login();
    expect(cache.asked).toHaveLength(3);
    await cache.answer(2, rejected);
  });

  it('is not kept when nobody waited for it in the end and its password was rejected meanwhile, or its account shut out', async () => {
    for (const verdict of [rejected, disabled]) {
      const cache = await held();
      const abort = new AbortController();
      const login = outcome(cache.around(attempt(), abort.signal));
      abort.abort('gone');
      await login;
      const other = cache.login({ protocol: 'pop3' });
      await cache.answer(1, verdict);
      await other;
      await cache.answer(0, accepted());
      void cache.login();
      expect(cache.asked).toHaveLength(3);
      await cache.answer(2, rejected);
    }
  });

  it('is kept even if nobody waited for it in the end: the store has answered', async () => {
    const cache = await held();
    const abort = new AbortController();
    const login = outcome(cache.around(attempt(), abort.signal));
    abort.abort('gone');
    await login;
    await cache.answer(0, accepted());
    expect((await cache.around(attempt(), never)).kind).toBe('accepted');
    expect(cache.asked).toHaveLength(1);
  });
});
