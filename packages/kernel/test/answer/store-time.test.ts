import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { accepted, fakeStore, knowing, never, pipelineOf, rawAttempt, storeSeat } from './fakes.js';

const rejected: Verdict = { kind: 'rejected' };
const unknown: Verdict = { kind: 'unknown-user' };

describe('the time of a store', () => {
  it('is a fair share, so that a black hole in front cannot silence the rest', async () => {
    const signals: AbortSignal[] = [];
    const hole = fakeStore((_attempt, signal) => {
      signals.push(signal);
      return never();
    });
    const { pipeline, clock, log } = pipelineOf({
      stores: [storeSeat('hole', hole), storeSeat('hole2', hole), knowing('last', accepted())],
    });
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(3600);
    const outcome = await answering;
    expect(outcome.verdict.kind).toBe('accepted');
    expect(outcome.steps.filter(({ stage }) => stage === 'store').map(({ instance, ms }) => [instance, Math.round(ms)])).toEqual([
      ['hole', 1500],
      ['hole2', 1500],
      ['last', 0],
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(log.loud.map(({ fields }) => fields['instance'])).toEqual(['hole', 'hole2']);
  });

  it('is over, and nothing has failed, when a store obeys its signal with an error of its own', async () => {
    const obedient = fakeStore(
      (_attempt, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('the question was given up')))),
    );
    const { pipeline, clock, log } = pipelineOf({ stores: [storeSeat('obedient', obedient)] });
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(5000);
    expect((await answering).verdict.kind).toBe('deferred');
    expect(log.loud.map(({ level, message, fields }) => [level, message, fields['cause']])).toEqual([
      ['warn', 'a store did not answer in time', expect.stringMatching(/^OutOfTime: no answer within 4500 ms.*the question was given up/)],
    ]);
  });

  it('is never softened: a black hole and a rejection are deferred together', async () => {
    const { pipeline, clock } = pipelineOf({
      stores: [
        storeSeat(
          'hole',
          fakeStore(() => never()),
        ),
        knowing('last', rejected),
      ],
    });
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(3000);
    expect((await answering).verdict.kind).toBe('deferred');
  });

  it('ends before the deadline, so that a policy can still act on the silence', async () => {
    const { pipeline, clock } = pipelineOf({
      stores: [
        storeSeat(
          'hole',
          fakeStore(() => never()),
        ),
      ],
      policies: [
        {
          name: 'stale',
          when: storeSeat('x', fakeStore(unknown)).when,
          instance: {
            around: (next) => async (attempt, signal) => ((await next(attempt, signal)).kind === 'deferred' ? accepted() : rejected),
          },
        },
      ],
    });
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(4999);
    expect((await answering).answer.kind).toBe('placed');
  });

  it('is told to it by a signal just before it is over, not earlier', async () => {
    const seen: number[] = [];
    const { pipeline, clock } = pipelineOf({
      stores: [
        storeSeat(
          'slow',
          fakeStore(
            (_attempt, signal) =>
              new Promise((resolve) =>
                signal.addEventListener('abort', () => {
                  seen.push(clock.now());
                  resolve({ kind: 'deferred', cause: new Error('called off') });
                }),
              ),
          ),
        ),
      ],
    });
    const start = clock.now();
    const answering = pipeline.answer(rawAttempt());
    await clock.pass(5000);
    expect((await answering).steps).toMatchObject([{}, { outcome: 'deferred', detail: 'Error: called off' }]);
    expect(seen[0]! - start).toBeGreaterThan(4500 - 80);
    expect(seen[0]! - start).toBeLessThanOrEqual(4500);
  });

  it('is not touched by attempts that began earlier', async () => {
    const signals: AbortSignal[] = [];
    const { pipeline, clock } = pipelineOf({
      stores: [
        storeSeat(
          'slow',
          fakeStore((_attempt, signal) => {
            signals.push(signal);
            return never();
          }),
        ),
      ],
    });
    for (let index = 0; index < 40; index++) {
      void pipeline.answer(rawAttempt());
      await clock.pass(37);
      const start = index * 37;
      for (const [which, signal] of signals.entries()) if (which * 37 + 4500 - 80 > start + 37) expect(signal.aborted).toBe(false);
    }
    await clock.pass(4500);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    await clock.pass(5000);
    expect(clock.pending).toBe(0);
  });

  it('does not outlast the answer: late results are dropped, late failures only whispered', async () => {
    const later: { resolve: (verdict: Verdict) => void; reject: (cause: unknown) => void }[] = [];
    const slow = fakeStore(() => new Promise<Verdict>((resolve, reject) => later.push({ resolve, reject })));
    const { pipeline, clock, log } = pipelineOf({ stores: [storeSeat('slow', slow)] });
    const answering = [pipeline.answer(rawAttempt()), pipeline.answer(rawAttempt())];
    await clock.pass(5000);
    const outcomes = await Promise.all(answering);
    const before = outcomes.map(({ steps }) => steps.length);
    const loud = log.loud.length;
    later[0]!.resolve(accepted());
    later[1]!.reject(new Error('too late'));
    await clock.pass(1);
    expect(outcomes.map(({ verdict }) => verdict.kind)).toEqual(['deferred', 'deferred']);
    expect(outcomes.map(({ steps }) => steps.length)).toEqual(before);
    expect(log.loud).toHaveLength(loud);
    expect(log.lines.filter(({ level }) => level === 'debug')).toMatchObject([{ fields: { instance: 'slow', cause: 'Error: too late' } }]);
  });
});
