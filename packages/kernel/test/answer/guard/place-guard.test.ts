import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Ask, BackendRouter, LoginAttempt, Policy, Verdict } from '@postern/contract';
import { PlaceGuard, type PlaceLimits } from '../../../src/answer/guard/place-guard.js';
import type { Outcome } from '../../../src/answer/outcome.js';
import type { Seat } from '../../../src/answer/seat.js';
import {
  accepted,
  attemptFor,
  denialOf,
  fakeStore,
  good,
  knowing,
  ManualClock,
  never,
  pipelineOf,
  rawAttempt,
  routerTo,
  seat,
  settled,
  storeSeat,
} from '../fakes.js';

const limited = <T>(
  name: string,
  instance: T,
  clock: ManualClock,
  limits: Partial<PlaceLimits>,
): Seat<T> & { readonly place: PlaceGuard } => ({
  ...seat(name, instance),
  place: new PlaceGuard({ name, limits: { concurrency: 10, queue: 10, timeoutMs: 100, ...limits }, clock }),
});

const signal = new AbortController().signal;

describe('a router with limits of its own', () => {
  const hanging: BackendRouter = { locate: never };

  it('that hangs is deferred when its time is over, under its name, long before the deadline', async () => {
    const clock = new ManualClock();
    const { pipeline, log } = pipelineOf({
      clock,
      stores: [storeSeat('s', good())],
      routers: [limited('crm', hanging, clock, { timeoutMs: 50 })],
    });
    const asked = pipeline.answer(rawAttempt());
    await clock.pass(51);
    const outcome = await asked;
    expect(denialOf(outcome.answer)).toBe('deferred');
    expect(outcome.steps.at(-1)).toMatchObject({
      stage: 'router',
      instance: 'crm',
      outcome: 'deferred',
      detail: expect.stringContaining('50 ms'),
    });
    expect(log.loud).toMatchObject([{ fields: { instance: 'crm' } }]);
  });

  it('takes so many logins at once; the rest is turned away at once, and nobody else notices', async () => {
    const clock = new ManualClock();
    const crm = limited('crm', hanging, clock, { concurrency: 2, queue: 0, timeoutMs: 100 });
    const routers = [{ ...crm, when: seat('x', 0, { domain: 'slow.org' }).when }, seat('all', routerTo('mail-a'))];
    const { pipeline } = pipelineOf({ clock, stores: [storeSeat('s', good())], routers });
    const slow = [1, 2].map(() => pipeline.answer(rawAttempt({ rawUser: 'ann@slow.org' })));
    await settled();
    expect(crm.place.inside).toBe(2);
    expect(denialOf((await pipeline.answer(rawAttempt({ rawUser: 'ben@slow.org' }))).answer)).toBe('deferred');
    expect((await pipeline.answer(rawAttempt())).placement?.backend).toBe('mail-a');
    await clock.pass(101);
    await Promise.all(slow);
    expect(crm.place.inside).toBe(0);
  });

  it('gives waiting logins their turn in order', async () => {
    const clock = new ManualClock();
    const ends: (() => void)[] = [];
    const slow: BackendRouter = {
      locate: () => new Promise((resolve) => ends.push(() => resolve({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }] }))),
    };
    const crm = limited('crm', slow, clock, { concurrency: 1 });
    const { pipeline } = pipelineOf({ clock, stores: [storeSeat('s', good())], routers: [crm] });
    const asked = [pipeline.answer(rawAttempt()), pipeline.answer(rawAttempt())];
    await settled();
    expect(ends).toHaveLength(1);
    ends[0]!();
    await asked[0];
    await settled();
    expect(ends).toHaveLength(2);
    ends[1]!();
    expect((await asked[1])!.placement?.backend).toBe('mail-a');
    expect(crm.place.inside).toBe(0);
  });

  it.each<[string, BackendRouter['locate']]>([
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'throws at once',
      () => {
        throw new Error('boom');
      },
    ],
    ['answers garbage', () => Promise.resolve(5 as never)],
  ])('that %s gives its place back', async (_what, locate) => {
    const clock = new ManualClock();
    const crm = limited('crm', { locate }, clock, { concurrency: 1, queue: 0 });
    const { pipeline } = pipelineOf({ clock, stores: [storeSeat('s', good())], routers: [crm] });
    for (let count = 0; count < 3; count += 1) {
      const outcome = await pipeline.answer(rawAttempt());
      expect(outcome.steps.at(-1)).toMatchObject({ instance: 'crm', outcome: 'deferred' });
      expect(outcome.steps.at(-1)?.detail).not.toContain('too many');
    }
    expect(crm.place.inside).toBe(0);
  });

  it('that fails after its time was over is not heard of again', async () => {
    const clock = new ManualClock();
    let fail: (cause: Error) => void = () => undefined;
    const late: BackendRouter = { locate: () => new Promise((_, reject) => (fail = reject)) };
    const { pipeline } = pipelineOf({ clock, stores: [storeSeat('s', good())], routers: [limited('crm', late, clock, { timeoutMs: 50 })] });
    const asked = pipeline.answer(rawAttempt());
    await clock.pass(51);
    await asked;
    fail(new Error('too late'));
    await settled();
  });
});

describe('a policy with limits of its own', () => {
  const before: Policy = { around: () => never };

  it.each<[string, Policy]>([
    ['before it asks further in', before],
    ['after it asked further in', { around: (next) => async (attempt, given) => (await next(attempt, given), never()) }],
  ])('that hangs %s is deferred when its time is over, under its name', async (_when, policy) => {
    const clock = new ManualClock();
    const { pipeline, log } = pipelineOf({
      clock,
      stores: [knowing('s', accepted())],
      policies: [limited('audit', policy, clock, { timeoutMs: 50 })],
    });
    const asked = pipeline.answer(rawAttempt());
    await clock.pass(51);
    const outcome = await asked;
    expect(denialOf(outcome.answer)).toBe('deferred');
    expect(outcome.steps.at(-1)).toMatchObject({ stage: 'policy', instance: 'audit', outcome: 'deferred' });
    expect(log.loud).toMatchObject([{ level: 'error', fields: { instance: 'audit' } }]);
  });

  it('is not charged with the time of the stores, nor with their places', async () => {
    const clock = new ManualClock();
    const answers: ((verdict: Verdict) => void)[] = [];
    const slow = fakeStore(() => new Promise<Verdict>((resolve) => answers.push(resolve)));
    const pass: Policy = { around: (next) => (attempt, given) => next(attempt, given) };
    const audit = limited('audit', pass, clock, { timeoutMs: 50, concurrency: 1, queue: 0 });
    const { pipeline } = pipelineOf({ clock, deadlineMs: 5000, stores: [storeSeat('s', slow)], policies: [audit] });
    const asked: Promise<Outcome>[] = [];
    for (let count = 0; count < 3; count += 1) {
      asked.push(pipeline.answer(rawAttempt()));
      await settled();
    }
    await clock.pass(500);
    expect(audit.place.inside).toBe(0);
    expect(answers).toHaveLength(3);
    for (const answer of answers) answer({ kind: 'rejected' });
    for (const outcome of await Promise.all(asked)) expect(outcome.verdict.kind).toBe('rejected');
    expect(audit.place.inside).toBe(0);
  });

  it('adds up its own time before and after the stores', async () => {
    const clock = new ManualClock();
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
    const twice: Policy = {
      around: (next) => async (attempt, given) => {
        await pause(30);
        const verdict = await next(attempt, given);
        await pause(30);
        return verdict;
      },
    };
    const ask = async (timeoutMs: number): Promise<string> => {
      const { pipeline } = pipelineOf({
        clock,
        stores: [knowing('s', accepted())],
        policies: [limited('audit', twice, clock, { timeoutMs })],
      });
      const asked = pipeline.answer(rawAttempt());
      await clock.pass(100);
      return (await asked).verdict.kind;
    };
    expect(await ask(50)).toBe('deferred');
    expect(await ask(70)).toBe('accepted');
  });

  it('may answer while it still asks, and may ask again later', async () => {
    const clock = new ManualClock();
    let ask: Ask = never;
    const early: Policy = {
      around: (next) => {
        ask = next;
        return (attempt, given) => (void next(attempt, given), Promise.resolve({ kind: 'limited' }));
      },
    };
    const audit = limited('audit', early, clock, {});
    const { pipeline } = pipelineOf({ clock, stores: [knowing('s', accepted())], policies: [audit] });
    expect((await pipeline.answer(rawAttempt())).verdict.kind).toBe('limited');
    await settled();
    expect(audit.place.inside).toBe(0);
    expect((await ask(attemptFor({ id: 'later' }), signal)).kind).toBe('accepted');
    expect(audit.place.inside).toBe(0);
  });

  it('keeps two logins apart that are answered at once', async () => {
    const clock = new ManualClock();
    const held = new Map<string, () => void>();
    const holds: Policy = {
      around: (next) => async (attempt, given) => {
        if (attempt.user.startsWith('slow')) await new Promise<void>((resolve) => held.set(attempt.user, resolve));
        return next(attempt, given);
      },
    };
    const { pipeline } = pipelineOf({
      clock,
      stores: [knowing('s', accepted())],
      policies: [limited('audit', holds, clock, { timeoutMs: 50 })],
    });
    const slow = pipeline.answer(rawAttempt({ rawUser: 'slow@example.org' }));
    expect((await pipeline.answer(rawAttempt())).verdict.kind).toBe('accepted');
    await clock.pass(51);
    expect((await slow).verdict.kind).toBe('deferred');
  });
});

describe('a router or policy that never takes its listeners off', () => {
  it('harms nobody: no warning, and the next moment has a signal of its own', async () => {
    const clock = new ManualClock();
    const signals = new Set<AbortSignal>();
    const listen = (given: AbortSignal): void => {
      signals.add(given);
      given.addEventListener('abort', () => undefined);
    };
    const policy: Policy = { around: (next) => (attempt: LoginAttempt, given) => (listen(given), next(attempt, given)) };
    const router: BackendRouter = {
      locate: (account, attempt, given) => (listen(given), routerTo('mail-a').locate(account, attempt, given)),
    };
    const { pipeline } = pipelineOf({
      clock,
      stores: [storeSeat('s', good())],
      policies: [seat('p', policy)],
      routers: [seat('r', router)],
    });
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    try {
      for (let count = 0; count < 50; count += 1) expect((await pipeline.answer(rawAttempt())).placement?.backend).toBe('mail-a');
      await settled();
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', warned);
    }
    await clock.pass(60_000);
    const before = signals.size;
    await pipeline.answer(rawAttempt());
    expect(signals.size).toBe(before + 1);
    expect(getEventListeners([...signals].at(-1)!, 'abort')).toHaveLength(2);
  });
});
