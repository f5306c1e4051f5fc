import { describe, expect, it } from '@jest/globals';
import type { Policy, Verdict } from '@postern/contract';
import { accepted, accountOf, denialOf, fakeStore, good, never, pipelineOf, rawAttempt, seat, storeSeat } from './fakes.js';

describe('policies', () => {
  const noting = (name: string, notes: string[]): Policy => ({
    around: (next) => async (attempt, signal) => {
      notes.push(`${name} in`);
      const verdict = await next({ ...attempt }, signal);
      notes.push(`${name} out ${verdict.kind}`);
      return verdict;
    },
  });

  it('stand around the chain in list order, and the steps are kept although they copy the attempt', async () => {
    const notes: string[] = [];
    const { pipeline } = pipelineOf({
      stores: [storeSeat('s', good())],
      policies: [seat('a', noting('a', notes)), seat('b', noting('b', notes))],
    });
    const outcome = await pipeline.answer(rawAttempt());
    expect(notes).toEqual(['a in', 'b in', 'b out accepted', 'a out accepted']);
    expect(outcome.steps.map(({ instance }) => instance)).toEqual([undefined, 's', 'b', 'a', 'hash', 'mail-a']);
  });

  it('are passed over when their `when` does not match, and when only somebody is looked up', async () => {
    const notes: string[] = [];
    const { pipeline } = pipelineOf({
      stores: [storeSeat('s', good())],
      policies: [seat('a', noting('a', notes), { protocol: 'pop3' }), seat('b', noting('b', notes))],
    });
    await pipeline.answer(rawAttempt(), 'lookup');
    expect(notes).toEqual([]);
    await pipeline.answer(rawAttempt());
    expect(notes).toEqual(['b in', 'b out accepted']);
  });

  it('rehearse a trial where they can, and take part in it for real where they cannot', async () => {
    const notes: string[] = [];
    const [real, rehearsed] = [noting('a for real', notes), noting('a', notes)];
    const rehearsing: Policy = { around: (next) => real.around(next), rehearse: (next) => rehearsed.around(next) };
    const { pipeline } = pipelineOf({
      stores: [storeSeat('s', good())],
      policies: [seat('a', rehearsing), seat('b', noting('b', notes))],
    });
    expect((await pipeline.answer(rawAttempt(), 'trial')).verdict.kind).toBe('accepted');
    expect(notes).toEqual(['a in', 'b in', 'b out accepted', 'a out accepted']);
  });

  it.each<[string, Policy]>([
    ['throws', { around: () => () => Promise.reject(new Error('boom')) }],
    [
      'throws at once',
      {
        around: () => () => {
          throw new Error('boom');
        },
      },
    ],
    ['answers nothing', { around: () => async () => undefined as unknown as Verdict }],
    ['accepts without a user', { around: () => async () => ({ kind: 'accepted', account: accountOf('') }) }],
  ])('rule 58: are deferred and named in the log when one %s', async (_what, policy) => {
    const { pipeline, log } = pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('bad', policy)] });
    expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('deferred');
    expect(log.loud).toMatchObject([{ level: 'error', fields: { instance: 'bad' } }]);
  });

  it('rule 57: cannot turn an outage into a wrong password', async () => {
    for (const kind of ['rejected', 'unknown-user', 'unsupported'] as const) {
      const softening: Policy = { around: (next) => async (attempt, signal) => ({ ...(await next(attempt, signal)), kind }) };
      const { pipeline, log } = pipelineOf({
        stores: [storeSeat('s', fakeStore({ kind: 'deferred', cause: new Error('down') }))],
        policies: [seat('outer', { around: (next) => next }), seat('soft', softening)],
      });
      expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('deferred');
      expect(log.loud.at(-1)).toMatchObject({ level: 'error', fields: { instance: 'soft' } });
    }
  });

  it('may answer without asking anybody, for example with limited', async () => {
    const store = good();
    const { pipeline } = pipelineOf({
      stores: [storeSeat('s', store)],
      policies: [seat('throttle', { around: () => async () => ({ kind: 'limited', retryAfterMs: 1000 }) })],
    });
    expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('limited');
    expect(store.asked).toHaveLength(0);
  });

  it('may call the asking off with a signal of their own', async () => {
    const impatient: Policy = { around: (next) => (attempt, signal) => next(attempt, AbortSignal.any([signal, AbortSignal.abort()])) };
    const later = new AbortController();
    const patient: Policy = { around: (next) => (attempt, signal) => next(attempt, AbortSignal.any([signal, later.signal])) };
    const hole = storeSeat(
      'hole',
      fakeStore(() => never()),
    );
    expect((await pipelineOf({ stores: [hole], policies: [seat('p', impatient)] }).pipeline.answer(rawAttempt())).verdict.kind).toBe(
      'deferred',
    );
    const answering = pipelineOf({ stores: [hole], policies: [seat('p', patient)] }).pipeline.answer(rawAttempt());
    later.abort();
    expect((await answering).verdict.kind).toBe('deferred');
  });

  it('may answer while they still ask: what they hear then is the answer of the whole chain', async () => {
    const heard: Verdict[] = [];
    const early: Policy = {
      around: (next) => async (attempt, signal) => {
        void next(attempt, signal).then((verdict) => heard.push(verdict));
        return accepted();
      },
    };
    const slow = fakeStore(async () => {
      await new Promise<void>((resolve) => clock.after(1000, resolve));
      return { kind: 'unknown-user' };
    });
    const { pipeline, clock } = pipelineOf({
      stores: [storeSeat('slow', slow), storeSeat('last', good())],
      policies: [seat('early', early)],
    });
    expect((await pipeline.answer(rawAttempt())).verdict.kind).toBe('accepted');
    await clock.pass(1000);
    expect(heard).toMatchObject([{ kind: 'accepted' }]);
  });

  it('may ask again when the attempt is long answered: a refresh', async () => {
    const store = good();
    let refresh: (() => Promise<Verdict>) | undefined;
    const cache: Policy = {
      around: (next) => async (attempt, signal) => {
        refresh = () => next(attempt, new AbortController().signal);
        return next(attempt, signal);
      },
    };
    const { pipeline, clock } = pipelineOf({ stores: [storeSeat('s', store)], policies: [seat('cache', cache)] });
    const outcome = await pipeline.answer(rawAttempt());
    const steps = outcome.steps.length;
    await clock.pass(60_000);
    expect((await refresh?.())?.kind).toBe('accepted');
    expect(outcome.steps).toHaveLength(steps);
  });
});
