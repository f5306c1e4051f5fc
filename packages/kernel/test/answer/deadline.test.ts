import { describe, expect, it } from '@jest/globals';
import type { BackendRouter, Policy, Routing, Verdict } from '@postern/contract';
import fc from 'fast-check';
import { Moments, OutOfTime, withinTime } from '../../src/answer/deadline.js';
import { accepted, denialOf, good, ManualClock, never, pipelineOf, rawAttempt, seat, storeSeat } from './fakes.js';

describe('moments', () => {
  it('give everybody whose time ends in the same slice the same signal', () => {
    const clock = new ManualClock();
    const moments = new Moments(clock, 100);
    const now = clock.monotonic();
    expect(moments.signalAt(now + 510)).toBe(moments.signalAt(now + 590));
    expect(moments.signalAt(now + 510)).not.toBe(moments.signalAt(now + 610));
    expect(clock.pending).toBe(2);
  });

  it('give a signal that any number of logins may listen to, without a word of Node about leaks', () => {
    const clock = new ManualClock();
    const shared = new Moments(clock, 100).signalAt(clock.monotonic() + 510);
    // `events.getMaxListeners` does not know the test runner's own EventTarget.
    const limit = Object.getOwnPropertySymbols(shared).find(({ description }) => description?.includes('maxEventTargetListeners'));
    expect(limit === undefined ? undefined : Reflect.get(shared, limit)).toBe(0);
  });

  it('give a signal that fires at most one slice early, never late, never before it was asked for, and is then forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 150 }),
        async (ms, slice, lead) => {
          const clock = new ManualClock();
          const moments = new Moments(clock, slice);
          await clock.pass(lead);
          const asked = clock.monotonic();
          const signal = moments.signalAt(asked + ms);
          expect(signal.aborted).toBe(false);
          let fired = -1;
          signal.addEventListener('abort', () => (fired = clock.monotonic()));
          await clock.pass(ms);
          expect(fired).toBeGreaterThan(asked + ms - slice - 1);
          expect(fired).toBeLessThanOrEqual(asked + ms);
          expect(fired).toBeGreaterThan(asked);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('waiting with a limit', () => {
  it('hands on what comes in time', async () => {
    const clock = new ManualClock();
    const late: unknown[] = [];
    expect(await withinTime(Promise.resolve(1), 100, clock, (cause) => late.push(cause))).toBe(1);
    await expect(withinTime(Promise.reject(new Error('no')), 100, clock, (cause) => late.push(cause))).rejects.toThrow('no');
    expect([clock.pending, late]).toEqual([0, []]);
  });

  it('gives up when the time is over', async () => {
    const clock = new ManualClock();
    const waiting = withinTime(never(), 100, clock, () => undefined);
    const failed = expect(waiting).rejects.toBeInstanceOf(OutOfTime);
    await clock.pass(100);
    await failed;
  });

  it('is not held up by a thenable that misbehaves', async () => {
    const clock = new ManualClock();
    const hostile = {
      then: () => {
        throw new Error('boom');
      },
    } as unknown as PromiseLike<void>;
    await expect(withinTime(hostile, 100, clock, () => undefined)).rejects.toThrow('boom');
    expect(clock.pending).toBe(0);
  });
});

describe('the deadline', () => {
  it('rule 56: is kept when a policy, a router or the placement hangs, and the log names who', async () => {
    const hanging: Policy = { around: () => () => never() };
    const hangingAfter: Policy = { around: (next) => (attempt, signal) => next(attempt, signal).then(() => never()) };
    const cases = [
      { parts: { policies: [seat('slow', hanging)] }, stage: 'policy', instance: 'slow' },
      { parts: { policies: [seat('slow', hangingAfter)] }, stage: 'policy', instance: 'slow' },
      { parts: { routers: [seat('slow', { locate: () => never<Routing>() })] }, stage: 'router', instance: 'slow' },
      { parts: { placer: { place: () => never<never>() } }, stage: 'placement', instance: 'backends' },
    ];
    for (const { parts, stage, instance } of cases) {
      const { pipeline, clock, log } = pipelineOf({ stores: [storeSeat('s', good())], ...parts });
      const answering = pipeline.answer(rawAttempt());
      await clock.pass(5000);
      const outcome = await answering;
      expect(denialOf(outcome.answer)).toBe('deferred');
      expect(outcome.attempt?.user).toBe('alice@example.org');
      expect(outcome.tookMs).toBe(5000);
      expect(log.loud).toMatchObject([{ level: 'warn', fields: { stage, instance } }]);
    }
  });

  it('rule 56: tells routers by their signal', async () => {
    let seen: AbortSignal | undefined;
    const router: BackendRouter = {
      locate: (_account, _attempt, signal) => {
        seen = signal;
        return never();
      },
    };
    const { pipeline, clock } = pipelineOf({ stores: [storeSeat('s', good())], routers: [seat('slow', router)] });
    void pipeline.answer(rawAttempt());
    await clock.pass(4900);
    expect(seen?.aborted).toBe(false);
    await clock.pass(100);
    expect(seen?.aborted).toBe(true);
  });

  it('rule 56: drops what comes later: no router is asked for a login that was answered already', async () => {
    let release: ((verdict: Verdict) => void) | undefined;
    const late: Policy = { around: () => () => new Promise((resolve) => (release = resolve)) };
    let located = 0;
    const router: BackendRouter = {
      locate: async () => {
        located++;
        return { kind: 'homeless' };
      },
    };
    const { pipeline, clock, log } = pipelineOf({ policies: [seat('late', late)], routers: [seat('r', router)] });
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(5000);
    const outcome = await answering;
    const before = JSON.stringify([outcome, log.lines]);
    release?.(accepted());
    await clock.pass(5000);
    expect(located).toBe(0);
    expect(JSON.stringify([outcome, log.lines])).toBe(before);
  });

  it('rule 58: swallows what fails later', async () => {
    let fail: ((cause: Error) => void) | undefined;
    const placer = { place: () => new Promise<never>((_resolve, reject) => (fail = reject)) };
    const { pipeline, clock, log } = pipelineOf({ stores: [storeSeat('s', good())], placer });
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(5000);
    await answering;
    const loud = log.loud.length;
    fail?.(new Error('too late'));
    await clock.pass(1);
    expect(log.loud).toHaveLength(loud);
    expect(log.lines.at(-1)).toMatchObject({ level: 'debug', fields: { cause: 'Error: too late' } });
  });

  it('leaves no timer behind', async () => {
    const { pipeline, clock } = pipelineOf({ stores: [storeSeat('s', good())] });
    await Promise.all(Array.from({ length: 50 }, () => pipeline.answer(rawAttempt())));
    await clock.pass(5000);
    expect(clock.pending).toBe(0);
  });
});
