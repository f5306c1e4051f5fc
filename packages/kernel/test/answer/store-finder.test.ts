import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, Enrolled, Heard, Kept, LoginAttempt, Lookup, Stores, Verdict } from '@postern/contract';
import { StoreGuard, type StoreLimits } from '../../src/answer/guard/store-guard.js';
import { OpenJournals } from '../../src/answer/open-journals.js';
import type { StoreSeat } from '../../src/answer/seat.js';
import { StoreFinder } from '../../src/answer/store-finder.js';
import {
  accepted,
  accountOf,
  attemptFor,
  fakeStore,
  ManualClock,
  MemoryLog,
  never,
  pipelineOf,
  rawAttempt,
  seat,
  storeSeat,
} from './fakes.js';

const ms = 5000;
const { signal } = new AbortController();

interface Store extends CredentialStore {
  enroll?(...of: never[]): Promise<Enrolled>;
  kept?(...of: never[]): Promise<Kept>;
  withdraw?(...of: never[]): Promise<Enrolled>;
}

const can = (does: (task: string) => unknown): CredentialStore =>
  ({
    abilities: { mechanisms: ['plain'], knowsUsers: true },
    verify: () => does('verify'),
    lookup: () => does('lookup'),
    enroll: () => does('enroll'),
    kept: () => does('kept'),
    withdraw: () => does('withdraw'),
  }) as unknown as Store;

const room = (instance: CredentialStore, limits: Partial<StoreLimits> = {}) => {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const guard = new StoreGuard({
    ...{ name: 'sql', clock, log, scrub: String },
    limits: { concurrency: 4, queue: 4, breaker: { after: 3, forMs: 2000 }, ...limits },
  });
  const finder = new StoreFinder({ clock, ms, journals: new OpenJournals() });
  finder.open([{ ...storeSeat('sql', instance), guard }]);
  const store = finder.get('sql');
  if (store === undefined) throw new Error('not found');
  const ask = (task: string): Promise<Verdict | Lookup | Enrolled | Kept> => {
    switch (task) {
      case 'verify':
        return store.verify(attemptFor(), signal);
      case 'lookup':
        return store.lookup?.('ann', signal) ?? never();
      case 'enroll':
        return store.enroll?.(accountOf(), { hash: '{X}y' }, signal) ?? never();
      case 'kept':
        return store.kept?.('ann', signal) ?? never();
      default:
        return store.withdraw?.('ann', '{X}y', signal) ?? never();
    }
  };
  return { clock, guard, finder, store, ask };
};

const rejectWithNothing = async (): Promise<never> => {
  await Promise.resolve();
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- plugins do such things
  throw undefined;
};

const tasks = ['verify', 'lookup', 'enroll', 'kept', 'withdraw'];
const answers: Readonly<Record<string, unknown>> = {
  verify: { kind: 'rejected' },
  lookup: { kind: 'unknown-user' },
  enroll: { kind: 'conflict' },
  kept: { kind: 'kept', hash: '{X}y' },
  withdraw: { kind: 'enrolled' },
};

describe('a store by name', () => {
  it('is there under its name alone, once the generation is made', () => {
    const finder = new StoreFinder({ clock: new ManualClock(), ms, journals: new OpenJournals() });
    expect(finder.get('sql')).toBeUndefined();
    finder.open([storeSeat('sql', fakeStore(accepted()))]);
    expect(finder.get('sql')).toMatchObject({ name: 'sql', abilities: { knowsUsers: true } });
    expect([finder.get('SQL'), finder.get('__proto__')]).toEqual([undefined, undefined]);
  });

  it('has those methods alone that it really has', () => {
    const { store } = room(fakeStore(accepted()));
    expect(Object.keys(store).sort()).toEqual(['abilities', 'name', 'verify', 'within']);
    expect(Object.keys(room(can(() => undefined)).store).sort()).toEqual(['abilities', 'name', 'within', ...tasks].sort());
  });

  it.each(tasks)('hands on what the store answers to %s', async (task) => {
    expect(await room(can((asked) => Promise.resolve(answers[asked]))).ask(task)).toEqual(answers[task]);
  });

  it.each(
    tasks.flatMap((task): [string, string, () => unknown][] => [
      [task, 'throws at once', () => fail()],
      [task, 'rejects', async () => fail()],
      [task, 'rejects with nothing', rejectWithNothing],
      [task, 'answers nonsense', async () => ({ kind: 'perhaps' })],
      [task, 'answers nothing', async () => undefined],
      [task, 'answers what is no promise and no answer', () => 5],
      [task, 'answers half', async () => ({ kind: task === 'kept' ? 'kept' : 'accepted' })],
    ]),
  )('defers when %s %s', async (task, _, does) => {
    expect(await room(can(does)).ask(task)).toMatchObject({ kind: 'deferred' });
  });

  it.each(tasks)('defers when %s never ends, and tells the store to give up', async (task) => {
    let given: AbortSignal | undefined;
    const store = Object.fromEntries(
      tasks.map((name) => [
        name,
        (...of: unknown[]) => {
          given = of.at(-1) as AbortSignal;
          return never();
        },
      ]),
    );
    const { ask, clock } = room({ ...can(() => undefined), ...store }, { timeoutMs: 300 });
    const answer = ask(task);
    await clock.pass(300);
    expect(await answer).toMatchObject({ kind: 'deferred', cause: { name: 'OutOfTime' } });
    expect(given?.aborted).toBe(true);
  });

  it('defers at once when whoever asks has gone, and is then not asked', async () => {
    const instance = fakeStore(() => never());
    const { store } = room(instance);
    expect(await store.verify(attemptFor(), AbortSignal.abort(new Error('gone')))).toMatchObject({ kind: 'deferred' });
    expect(instance.asked).toEqual([]);
    const leaving = new AbortController();
    const answer = store.verify(attemptFor(), leaving.signal);
    leaving.abort(new Error('gone'));
    expect(await answer).toMatchObject({ kind: 'deferred', cause: { message: 'gone' } });
  });

  it('stands behind the same guard as for logins', async () => {
    const { store, guard, clock } = room(
      fakeStore(() => never()),
      { concurrency: 1, queue: 0 },
    );
    const first = store.verify(attemptFor(), signal);
    expect(guard.status.asking).toBe(1);
    expect(await store.verify(attemptFor(), signal)).toMatchObject({ kind: 'deferred', cause: { name: 'HeldBack', overloaded: true } });
    await clock.pass(ms);
    await first;
  });

  it('keeps a hasty asker no longer than he wants, and its circuit opens when it is silent for the whole of its own time', async () => {
    let given: AbortSignal | undefined;
    let asked = 0;
    const silent = { ...can(() => undefined), lookup: (_: string, own: AbortSignal) => ((asked += 1), (given = own), never<Lookup>()) };
    const { store, guard, clock } = room(silent);
    const hurried = store.within(500);
    for (const user of ['a', 'b', 'c']) {
      const answer = hurried.lookup?.(user, signal);
      await clock.pass(500);
      expect(await answer).toMatchObject({ kind: 'deferred', cause: { name: 'OutOfTime' } });
    }
    expect([given?.aborted, guard.status.circuit, guard.status.asking]).toEqual([false, 'closed', 3]);
    await clock.pass(ms);
    expect([given?.aborted, guard.status.circuit, guard.status.asking]).toEqual([true, 'open', 0]);
    expect(await hurried.lookup?.('d', signal)).toMatchObject({ kind: 'deferred', cause: { name: 'HeldBack' } });
    expect(asked).toBe(3);
  });

  it('that is slower than its asker is patient, and answers, is never held back from the others', async () => {
    let answer: (found: Lookup) => void = () => undefined;
    const slow = { ...can(() => undefined), lookup: () => new Promise<Lookup>((resolve) => (answer = resolve)) };
    const { store, guard, clock } = room(slow);
    for (let count = 0; count < 10; count++) {
      const hasty = store.within(500).lookup?.('ann', signal);
      await clock.pass(500);
      expect(await hasty).toMatchObject({ kind: 'deferred' });
      await clock.pass(300);
      answer({ kind: 'unknown-user' });
      await clock.pass(0);
    }
    expect(guard.status).toMatchObject({ circuit: 'closed', asking: 0 });
  });

  it('does not count as failing when its asker goes away', async () => {
    const { store, guard } = room(can(() => never()));
    for (const user of ['a', 'b', 'c', 'd']) {
      const leaving = new AbortController();
      const answer = store.within(500).lookup?.(user, leaving.signal);
      leaving.abort(new Error('gone'));
      expect(await answer).toMatchObject({ kind: 'deferred', cause: { message: 'gone' } });
    }
    expect(guard.status.circuit).toBe('closed');
  });

  it('has no more time than before for who has much of it', async () => {
    const { store, clock } = room(
      can(() => never()),
      { timeoutMs: 300 },
    );
    const answer = store.within(60_000).lookup?.('ann', signal);
    await clock.pass(300);
    expect(await answer).toMatchObject({ kind: 'deferred', cause: { name: 'OutOfTime' } });
  });

  it('that cannot write is still asked for logins: what goes wrong aside opens no circuit', async () => {
    const { ask, guard } = room(can((task) => (task === 'verify' ? Promise.resolve(accepted()) : fail())));
    for (let count = 0; count < 10; count++) for (const task of ['enroll', 'kept', 'withdraw']) await ask(task);
    expect(guard.status).toMatchObject({ circuit: 'closed', asking: 0 });
    expect(await ask('verify')).toMatchObject({ kind: 'accepted' });
  });

  it('that keeps failing is not written to either, and a write does not try it for all', async () => {
    let writes = 0;
    const { store, ask, guard, clock } = room(
      can((task) => {
        if (task === 'enroll') writes += 1;
        return fail();
      }),
    );
    for (const user of ['a', 'b', 'c']) await store.verify(attemptFor({ user }), signal);
    expect(guard.status.circuit).toBe('open');
    await clock.pass(3000);
    expect(await ask('enroll')).toMatchObject({ kind: 'deferred', cause: { name: 'HeldBack' } });
    expect([writes, guard.status.circuit]).toEqual([0, 'open']);
  });
});

const fail = (): never => {
  throw new Error('a bug');
};

describe('what the stores said', () => {
  const told = async (seats: readonly StoreSeat[], ask?: (stores: Stores, attempt: LoginAttempt) => Promise<unknown>) => {
    const journals = new OpenJournals();
    const finder = new StoreFinder({ clock: new ManualClock(), ms, journals });
    finder.open([...seats, storeSeat('aside', fakeStore({ kind: 'rejected' }))]);
    const heard: (readonly Heard[])[] = [];
    let last: LoginAttempt | undefined;
    const policy = seat('listens', {
      around:
        (next: (attempt: LoginAttempt, signal: AbortSignal) => Promise<Verdict>) => async (attempt: LoginAttempt, of: AbortSignal) => {
          const copy = { ...attempt };
          heard.push(finder.heard(copy));
          const verdict = await next(copy, of);
          await ask?.(finder, attempt);
          heard.push(finder.heard(attempt));
          last = attempt;
          return verdict;
        },
    });
    const { pipeline } = pipelineOf({ stores: seats, policies: [policy], journals });
    const outcome = await pipeline.answer(rawAttempt());
    return { heard, after: last === undefined ? undefined : finder.heard(last), outcome };
  };

  it('is known in order while the attempt is answered, and forgotten afterwards', async () => {
    const seats = [
      storeSeat('one', fakeStore({ kind: 'unknown-user' })),
      storeSeat(
        'two',
        fakeStore(() => Promise.reject(new Error('a bug'))),
      ),
      storeSeat('three', fakeStore(accepted())),
      storeSeat('four', fakeStore(accepted())),
    ];
    const { heard, after } = await told(seats);
    expect(heard).toEqual([
      [],
      [
        { store: 'one', kind: 'unknown-user' },
        { store: 'two', kind: 'deferred' },
        { store: 'three', kind: 'accepted' },
      ],
    ]);
    expect(after).toEqual([]);
  });

  it('includes what a policy asked by name, and that is a step of the login', async () => {
    const { heard, outcome } = await told([storeSeat('one', fakeStore(accepted()))], (stores, attempt) =>
      Promise.resolve(stores.get('aside')?.verify(attempt, signal)),
    );
    expect(heard[1]).toEqual([
      { store: 'one', kind: 'accepted' },
      { store: 'aside', kind: 'rejected' },
    ]);
    expect(outcome.steps.filter(({ stage }) => stage === 'store').map(({ instance }) => instance)).toEqual(['one', 'aside']);
  });

  it('is nothing where no store was asked', async () => {
    expect((await told([])).heard).toEqual([[], []]);
  });
});
