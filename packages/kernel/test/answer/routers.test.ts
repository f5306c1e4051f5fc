import { describe, expect, it } from '@jest/globals';
import type { BackendRouter, Routing } from '@postern/contract';
import { denialOf, good, pipelineOf, rawAttempt, routerSaying, routerTo, seat, storeSeat } from './fakes.js';

describe('routers', () => {
  const answerWith = async (
    ...routers: [string, BackendRouter][]
  ): Promise<{ answer: string; backend: string | undefined; loud: number }> => {
    const { pipeline, log } = pipelineOf({
      stores: [storeSeat('s', good())],
      routers: routers.map(([name, router]) => seat(name, router)),
    });
    const outcome = await pipeline.answer(rawAttempt());
    return { answer: denialOf(outcome.answer), backend: outcome.placement?.backend, loud: log.loud.length };
  };
  const homeless = routerSaying({ kind: 'homeless' });

  it('are asked in list order; a homeless answer asks the next', async () => {
    expect(await answerWith(['a', homeless], ['b', routerTo('mail-b')], ['c', routerTo('mail-c')])).toMatchObject({ backend: 'mail-b' });
  });

  it('are passed over when their `when` does not match', async () => {
    const { pipeline } = pipelineOf({
      stores: [storeSeat('s', good())],
      routers: [seat('a', routerTo('mail-a'), { domain: 'other.net' }), seat('b', routerTo('mail-b'))],
    });
    expect((await pipeline.answer(rawAttempt())).placement?.backend).toBe('mail-b');
  });

  it('leave an account that none knows deferred, and say so', async () => {
    expect(await answerWith(['a', homeless])).toEqual({ answer: 'deferred', backend: undefined, loud: 1 });
    expect(await answerWith()).toEqual({ answer: 'deferred', backend: undefined, loud: 1 });
  });

  it('rule 57: that cannot tell are deferred, and nobody else is asked: a wrong guess opens an empty mailbox', async () => {
    const down = routerSaying({ kind: 'deferred', cause: new Error('table is locked') });
    expect(await answerWith(['a', down], ['b', routerTo('mail-b')])).toEqual({ answer: 'deferred', backend: undefined, loud: 1 });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an unknown kind', { kind: 'here' }],
    ['no backends', { kind: 'placed' }],
    ['an empty list', { kind: 'placed', backends: [] }],
    ['a bare name', { kind: 'placed', backends: ['mail-a'] }],
    ['an empty name', { kind: 'placed', backends: [{ kind: 'named', name: '' }] }],
    ['a host with a line break', { kind: 'placed', backends: [{ kind: 'direct', host: 'a\r\nAuth-User: root' }] }],
    ['a host with a port in it', { kind: 'placed', backends: [{ kind: 'direct', host: '192.0.2.1:143' }] }],
    ['a port too high', { kind: 'placed', backends: [{ kind: 'direct', host: '192.0.2.1', port: 65_536 }] }],
    ['half a port', { kind: 'placed', backends: [{ kind: 'direct', host: '192.0.2.1', port: 1.5 }] }],
    ['a good one and a bad one', { kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }, null] }],
  ])('rule 58: that answer %s are deferred', async (_what, routing) => {
    expect(await answerWith(['a', routerSaying(routing as Routing)])).toMatchObject({ answer: 'deferred', backend: undefined, loud: 1 });
  });

  it('rule 58: that throw are deferred', async () => {
    expect(await answerWith(['a', { locate: () => Promise.reject(new Error('boom')) }])).toMatchObject({ answer: 'deferred', loud: 1 });
  });
});
