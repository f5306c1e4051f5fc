import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, Lookup, Verdict } from '@postern/contract';
import fc from 'fast-check';
import type { StoreSeat } from '../../src/answer/seat.js';
import { accepted, accountOf, attemptFor, fakeStore, type FakeStore, never, pipelineOf, rawAttempt, proofOf, storeSeat } from './fakes.js';

const rejected: Verdict = { kind: 'rejected' };
const unknown: Verdict = { kind: 'unknown-user' };
const unsupported: Verdict = { kind: 'unsupported' };
const limited: Verdict = { kind: 'limited' };
const deferred: Verdict = { kind: 'deferred', cause: new Error('down') };
const disabled: Verdict = { kind: 'refused', why: 'disabled', proofHeld: true };

const verdictOf = async (...stores: StoreSeat[]): Promise<Verdict['kind']> => {
  const { pipeline } = pipelineOf({ stores });
  return (await pipeline.answer(rawAttempt())).verdict.kind;
};

const knowing = (name: string, verdict: Verdict, on = {}): StoreSeat => storeSeat(name, fakeStore(verdict), on);
const blind = (name: string, verdict: Verdict, on = {}): StoreSeat => storeSeat(name, fakeStore(verdict, { knowsUsers: false }), on);
const asked = (seat: StoreSeat): number => (seat.instance as FakeStore).asked.length;

describe('the chain rule', () => {
  it('ends with accepted: nobody behind it is asked', async () => {
    const last = knowing('last', rejected);
    expect(await verdictOf(knowing('first', unknown), knowing('second', accepted()), last)).toBe('accepted');
    expect(asked(last)).toBe(0);
  });

  it('ends with refused: a user disabled in one store is not let in by another', async () => {
    const last = knowing('last', accepted());
    expect(await verdictOf(knowing('first', disabled), last)).toBe('refused');
    expect(asked(last)).toBe(0);
  });

  it('ends with limited', async () => {
    expect(await verdictOf(knowing('first', limited), knowing('last', accepted()))).toBe('limited');
  });

  it('ends with rejected from a store that knows its users', async () => {
    expect(await verdictOf(knowing('first', rejected), knowing('last', accepted()))).toBe('rejected');
  });

  it('goes on after rejected from a blind store', async () => {
    expect(await verdictOf(blind('first', rejected), knowing('last', accepted()))).toBe('accepted');
    expect(await verdictOf(blind('first', rejected), knowing('last', unknown))).toBe('rejected');
  });

  it('goes on after unknown-user, unsupported and deferred', async () => {
    expect(await verdictOf(knowing('a', unknown), knowing('b', unsupported), knowing('c', deferred), knowing('d', accepted()))).toBe(
      'accepted',
    );
  });

  it('never forgets deferred', async () => {
    expect(await verdictOf(knowing('a', deferred), knowing('b', unknown))).toBe('deferred');
    expect(await verdictOf(knowing('a', deferred), knowing('b', rejected))).toBe('deferred');
    expect(await verdictOf(blind('a', rejected), knowing('b', deferred))).toBe('deferred');
  });

  it('lets refused win over deferred, and rejected over unsupported over unknown-user', async () => {
    expect(await verdictOf(knowing('a', deferred), knowing('b', disabled))).toBe('refused');
    expect(await verdictOf(blind('a', rejected), knowing('b', unsupported))).toBe('rejected');
    expect(await verdictOf(knowing('a', unsupported), knowing('b', unknown))).toBe('unsupported');
  });

  it('says unknown-user when there is no store, or none whose `when` matches', async () => {
    expect(await verdictOf()).toBe('unknown-user');
    const elsewhere = storeSeat('a', fakeStore(accepted()), {}, { domain: 'other.net' });
    expect(await verdictOf(elsewhere)).toBe('unknown-user');
    expect(asked(elsewhere)).toBe(0);
  });

  it('says unsupported when none of those that match can judge the mechanism', async () => {
    const store = fakeStore(accepted(), { mechanisms: ['plain'] });
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    const outcome = await pipeline.answer(rawAttempt({ proof: proofOf('cram-md5') }));
    expect(outcome.verdict.kind).toBe('unsupported');
    expect(outcome.answer).toMatchObject({ kind: 'denied', denial: 'rejected' });
    expect(store.asked).toHaveLength(0);
  });

  it('passes over a store that cannot judge the mechanism without counting it', async () => {
    expect(await verdictOf(storeSeat('a', fakeStore(accepted(), { mechanisms: ['apop'] })), knowing('b', unknown))).toBe('unknown-user');
  });

  describe('with `on`', () => {
    it('goes on after a knowing rejection, and stops after a blind one', async () => {
      expect(await verdictOf(knowing('a', rejected, { rejected: 'next' }), knowing('b', accepted()))).toBe('accepted');
      expect(await verdictOf(blind('a', rejected, { rejected: 'stop' }), knowing('b', accepted()))).toBe('rejected');
    });

    it('stops after unknown-user and after deferred', async () => {
      expect(await verdictOf(knowing('a', unknown, { 'unknown-user': 'stop' }), knowing('b', accepted()))).toBe('unknown-user');
      expect(await verdictOf(knowing('a', deferred, { deferred: 'stop' }), knowing('b', accepted()))).toBe('deferred');
    });

    it('does not soften what was deferred before', async () => {
      expect(await verdictOf(knowing('a', deferred), knowing('b', rejected, { rejected: 'stop' }))).toBe('deferred');
      expect(await verdictOf(knowing('a', deferred), knowing('b', unknown, { 'unknown-user': 'stop' }))).toBe('deferred');
    });
  });

  it('holds for every chain there can be', async () => {
    const verdict = fc.constantFrom(accepted(), rejected, unknown, unsupported, limited, deferred, disabled);
    const onward = fc.constantFrom('next' as const, 'stop' as const, undefined);
    const step = fc.record({ verdict, knows: fc.boolean(), rejected: onward, unknownUser: onward, deferred: onward });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const seats = steps.map(({ verdict: say, knows, rejected: r, unknownUser: u, deferred: d }, index) =>
          storeSeat(`s${index}`, fakeStore(say, { knowsUsers: knows }), {
            ...(r && { rejected: r }),
            ...(u && { 'unknown-user': u }),
            ...(d && { deferred: d }),
          }),
        );
        const result = await verdictOf(...seats);
        const heard = steps.filter((_, index) => asked(seats[index]!) > 0).map((one) => one.verdict.kind);
        expect(heard).toEqual(steps.slice(0, heard.length).map((one) => one.verdict.kind));
        // Nobody is let in whom no store accepted, or whom a store before it refused.
        if (result === 'accepted') expect(heard.indexOf('accepted')).toBe(heard.length - 1);
        expect(heard.slice(0, -1).filter((kind) => ['accepted', 'refused', 'limited'].includes(kind))).toEqual([]);
        // Deferred is never softened.
        if (heard.includes('deferred')) expect(['deferred', 'accepted', 'refused', 'limited']).toContain(result);
        const order = ['accepted', 'refused', 'limited', 'deferred', 'rejected', 'unsupported', 'unknown-user'];
        expect(result).toBe(order.find((kind) => heard.includes(kind as Verdict['kind'])) ?? 'unknown-user');
      }),
      { numRuns: 500 },
    );
  });
});

const unreadable = (): Error =>
  new Proxy(new Error('x'), {
    get: () => {
      throw new Error('no');
    },
    getPrototypeOf: () => {
      throw new Error('no');
    },
  });

describe('a store that misbehaves', () => {
  const nonsense: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['a text', 'accepted'],
    ['an unknown kind', { kind: 'yes' }],
    ['a kind that every object has', { kind: 'toString' }],
    ['accepted without an account', { kind: 'accepted' }],
    ['accepted without a user', { kind: 'accepted', account: { attributes: {} } }],
    ['accepted with an empty user', { kind: 'accepted', account: accountOf('') }],
    ['accepted with CR LF in the user', { kind: 'accepted', account: accountOf('a\r\nAuth-Status: OK') }],
    ['accepted with NUL in the user', { kind: 'accepted', account: accountOf('a\0b') }],
    ['accepted with a blank at the end of the user', { kind: 'accepted', account: accountOf('alice ') }],
    ['accepted with half a character in the user', { kind: 'accepted', account: accountOf('\ud800') }],
    ['accepted with a huge user', { kind: 'accepted', account: accountOf('a'.repeat(1_048_576)) }],
    ['accepted without attributes', { kind: 'accepted', account: { user: 'alice' } }],
    ['accepted with a number as attribute', { kind: 'accepted', account: { user: 'alice', attributes: { quota: 5 } } }],
    ['accepted with a list as secret', { kind: 'accepted', account: { user: 'alice', attributes: {}, secret: ['x'] } }],
    ['accepted with a text as backend login', { kind: 'accepted', account: { user: 'alice', attributes: {}, backend: 'x' } }],
    ['accepted with a number as backend password', { kind: 'accepted', account: { user: 'a', attributes: {}, backend: { password: 1 } } }],
    ['refused without a reason', { kind: 'refused', proofHeld: true }],
    ['refused without proofHeld', { kind: 'refused', why: 'disabled' }],
    ['limited for a text', { kind: 'limited', retryAfterMs: 'soon' }],
    ['limited for ever less', { kind: 'limited', retryAfterMs: -1 }],
    ['limited for no number', { kind: 'limited', retryAfterMs: Number.NaN }],
  ];

  it.each(nonsense)('is deferred and named in the log when it answers %s', async (_what, answer) => {
    const { pipeline, log } = pipelineOf({ stores: [knowing('crm', answer as Verdict)] });
    const outcome = await pipeline.answer(rawAttempt());
    expect(outcome.verdict.kind).toBe('deferred');
    expect(outcome.answer).toMatchObject({ kind: 'denied', denial: 'deferred' });
    expect(log.loud).toHaveLength(1);
    expect(log.loud[0]).toMatchObject({ level: 'error', fields: { instance: 'crm', id: outcome.attempt?.id } });
  });

  it.each<[string, () => Promise<Verdict>]>([
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'throws at once',
      () => {
        throw new Error('boom');
      },
    ],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- plugins do such things
    ['rejects with a text', () => Promise.reject('boom')],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- plugins do such things
    ['rejects with nothing', () => Promise.reject(undefined)],
    [
      'throws something that cannot be read',
      () => {
        throw unreadable();
      },
    ],
  ])('rule 58: is deferred and named in the log once when it %s, and the next one is asked', async (_what, verify) => {
    const { pipeline, log } = pipelineOf({ stores: [storeSeat('crm', { ...fakeStore(unknown), verify }), knowing('last', unknown)] });
    const outcome = await pipeline.answer(rawAttempt());
    expect(outcome.verdict.kind).toBe('deferred');
    expect(outcome.steps.filter(({ stage }) => stage === 'store').map(({ outcome: kind }) => kind)).toEqual(['deferred', 'unknown-user']);
    expect(log.loud).toHaveLength(1);
    expect(log.loud[0]).toMatchObject({ level: 'error', fields: { instance: 'crm' } });
  });

  it('cannot write the password into the log, in no form that drivers use', async () => {
    const password = 'c4nary p%ss"\\wörd';
    const forms = [
      password,
      JSON.stringify(password),
      encodeURIComponent(password),
      Buffer.from(password).toString('base64'),
      Buffer.from(password).toString('hex'),
    ];
    const failing = async (): Promise<Verdict> => {
      throw new Error(`login alice ${forms.join(' ')} failed`, { cause: new Error(`and ${password}`) });
    };
    const { pipeline, log } = pipelineOf({ stores: [storeSeat('crm', fakeStore(failing))] });
    const outcome = await pipeline.answer(rawAttempt({ proof: { mechanism: 'plain', password, bytes: Buffer.from(password) } }));
    const told = JSON.stringify([log.lines, outcome.steps]);
    for (const form of forms) expect(told).not.toContain(JSON.stringify(form).slice(1, -1));
    expect(told).toContain('login alice [secret]');
  });

  it('is logged with its cause when it says itself that it cannot tell', async () => {
    const { pipeline, log } = pipelineOf({ stores: [knowing('crm', { kind: 'deferred', cause: new Error('directory is down') })] });
    await pipeline.answer(rawAttempt());
    expect(log.loud).toMatchObject([{ level: 'warn', fields: { instance: 'crm', cause: 'Error: directory is down' } }]);
  });

  it('does not get far without abilities', () => {
    const store = { verify: async () => accepted() } as unknown as CredentialStore;
    expect(() => pipelineOf({ stores: [storeSeat('crm', store)] })).toThrow(/crm: .*abilities/);
  });
});

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

describe('lookups', () => {
  const lookups = (lookup: Lookup | (() => Promise<Lookup>)): FakeStore => fakeStore(unknown, { lookup });
  const lookedUp = async (...stores: FakeStore[]): Promise<Verdict> => {
    const { pipeline } = pipelineOf({ stores: stores.map((store, index) => storeSeat(`s${index}`, store)) });
    return (await pipeline.answer(rawAttempt(), { proofless: true })).verdict;
  };

  it('follow the chain rule', async () => {
    const found: Lookup = { kind: 'found', account: accountOf() };
    expect((await lookedUp(lookups({ kind: 'unknown-user' }), lookups(found))).kind).toBe('accepted');
    expect((await lookedUp(lookups({ kind: 'refused', why: 'disabled' }), lookups(found))).kind).toBe('refused');
    expect((await lookedUp(lookups({ kind: 'deferred', cause: 'x' }), lookups({ kind: 'unknown-user' }))).kind).toBe('deferred');
    expect((await lookedUp(fakeStore(accepted()), lookups({ kind: 'unknown-user' }))).kind).toBe('unknown-user');
    expect((await lookedUp(fakeStore(accepted()))).kind).toBe('unsupported');
  });

  it('are checked like verdicts', async () => {
    for (const answer of [
      undefined,
      { kind: 'found' },
      { kind: 'found', account: accountOf('a\nb') },
      { kind: 'refused', why: 'because' },
      { kind: 'accepted' },
    ]) {
      expect((await lookedUp(lookups(async () => answer as Lookup))).kind).toBe('deferred');
    }
    expect((await lookedUp(lookups(() => Promise.reject(new Error('down'))))).kind).toBe('deferred');
  });

  it('ask with the canonical user and never with the proof', async () => {
    const store = lookups({ kind: 'found', account: accountOf() });
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    await pipeline.answer(rawAttempt({ rawUser: 'ALICE@Example.org' }), { proofless: true });
    expect(store.looked).toEqual(['alice@example.org']);
    expect(store.asked).toEqual([]);
  });
});

it('gives stores the attempt with its canonical user and the typed one', async () => {
  const store = fakeStore(accepted());
  const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
  await pipeline.answer(rawAttempt({ rawUser: 'ALICE@Example.org' }));
  expect(store.asked).toEqual([{ ...attemptFor(), id: store.asked[0]!.id, rawUser: 'ALICE@Example.org' }]);
});
