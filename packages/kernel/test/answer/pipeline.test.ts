import { describe, expect, it } from '@jest/globals';
import type { RawAttempt } from '@postern/auth-http';
import type { Account, BackendRouter, Mechanism, Policy, Routing, Verdict } from '@postern/contract';
import { mechanisms } from '@postern/contract';
import fc from 'fast-check';
import { Identity } from '../../src/answer/identity.js';
import {
  accepted,
  accountOf,
  fakeStore,
  never,
  plain,
  pipelineOf,
  proofOf,
  rawAttempt,
  routerSaying,
  routerTo,
  seat,
  storeSeat,
} from './fakes.js';

const clearText: RawAttempt = {
  rawUser: 'alice@example.org',
  proof: proofOf('plain'),
  protocol: 'imap',
  client: { ip: '192.0.2.7' },
  ordinal: 1,
};
const all = { mechanisms };
const good = (): ReturnType<typeof fakeStore> => fakeStore(accepted(), { ...all, lookup: { kind: 'found', account: accountOf() } });
const denialOf = (answer: { kind: string; denial?: string }): string => answer.denial ?? answer.kind;

describe('an answer', () => {
  it('places an accepted login and tells every step of the way', async () => {
    const { pipeline } = pipelineOf({ stores: [storeSeat('staff', good())] });
    const outcome = await pipeline.answer(rawAttempt({ rawUser: 'Alice@example.org' }));
    expect(outcome.answer).toEqual({
      kind: 'placed',
      server: '192.0.2.1',
      port: 143,
      user: 'alice@example.org',
      asked: { protocol: 'imap', mechanism: 'plain', ordinal: 1 },
    });
    expect(outcome.attempt).toMatchObject({ user: 'alice@example.org', rawUser: 'Alice@example.org' });
    expect(outcome.placement).toMatchObject({ backend: 'mail-a', address: '192.0.2.1' });
    expect(outcome.account).toEqual(accountOf());
    expect(outcome.steps.map(({ stage, instance, outcome: what }) => [stage, instance, what])).toEqual([
      ['identity', undefined, 'user'],
      ['store', 'staff', 'accepted'],
      ['router', 'hash', 'placed'],
      ['placement', 'mail-a', 'placed'],
    ]);
  });

  it('has an id that no other attempt has', async () => {
    const one = pipelineOf({ stores: [storeSeat('a', good())] }).pipeline;
    const other = pipelineOf({ stores: [storeSeat('a', good())] }).pipeline;
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? one : other).answer(rawAttempt())));
    expect(new Set(outcomes.map(({ attempt }) => attempt?.id)).size).toBe(100);
  });

  it.each<[Verdict, string]>([
    [{ kind: 'rejected' }, 'rejected'],
    [{ kind: 'unknown-user' }, 'rejected'],
    [{ kind: 'unsupported' }, 'rejected'],
    [{ kind: 'limited' }, 'limited'],
    [{ kind: 'deferred', cause: 'x' }, 'deferred'],
    [{ kind: 'refused', why: 'disabled', proofHeld: true }, 'disabled'],
    [{ kind: 'refused', why: 'expired', proofHeld: true }, 'expired'],
    [{ kind: 'refused', why: 'locked', proofHeld: true }, 'locked'],
    [{ kind: 'refused', why: 'policy', proofHeld: true }, 'policy'],
    [{ kind: 'refused', why: 'tls-required', proofHeld: true }, 'tls-required'],
  ])('turns %j into the denial %s', async (verdict, denial) => {
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', fakeStore(verdict))] });
    const outcome = await pipeline.answer(rawAttempt());
    expect(denialOf(outcome.answer)).toBe(denial);
    expect(outcome.verdict.kind).toBe(verdict.kind);
  });

  it('rule 59: for an unknown user, a wrong password and a disabled account without its password is the same', async () => {
    const verdicts: Verdict[] = [
      { kind: 'rejected' },
      { kind: 'unknown-user' },
      { kind: 'unsupported' },
      ...(['disabled', 'expired', 'locked', 'policy', 'tls-required'] as const).map(
        (why) => ({ kind: 'refused', why, proofHeld: false }) as const,
      ),
    ];
    const answers = await Promise.all(
      verdicts.map(
        async (verdict) => (await pipelineOf({ stores: [storeSeat('a', fakeStore(verdict))] }).pipeline.answer(rawAttempt())).answer,
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('identity', () => {
  it.each(['bo\r\nb', 'bo\0b', 'bob\u007f'])(
    'rule 19: a login such as %j is told like a wrong password, and no store is asked',
    async (rawUser) => {
      const store = good();
      const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
      const outcome = await pipeline.answer(rawAttempt({ rawUser }));
      expect(denialOf(outcome.answer)).toBe('rejected');
      expect(outcome.attempt).toBeUndefined();
      expect(outcome.steps).toMatchObject([{ stage: 'identity', outcome: 'malformed' }]);
      expect(JSON.stringify(outcome.steps)).not.toContain(JSON.stringify(rawUser).slice(1, -1));
      expect(store.asked).toHaveLength(0);
    },
  );

  it('rule 18: a login that cannot be a user (half a character, 1 MiB) is an ordinary failure', async () => {
    for (const rawUser of ['\ud800', 'é'.repeat(524_288), '@', '']) {
      const outcome = await pipelineOf({ stores: [storeSeat('a', good())] }).pipeline.answer(rawAttempt({ rawUser }));
      expect(denialOf(outcome.answer)).toBe('rejected');
    }
  });

  it('rule 20: an empty login is refused before any store is asked', async () => {
    const store = good();
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)], identity: new Identity({ defaultDomain: 'example.org' }) });
    expect(denialOf((await pipeline.answer(rawAttempt({ rawUser: '' }))).answer)).toBe('rejected');
    expect(store.asked).toHaveLength(0);
  });

  it('takes __proto__ for a login like any other', async () => {
    const store = fakeStore(accepted('__proto__'));
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    expect((await pipeline.answer(rawAttempt({ rawUser: '__proto__' }))).answer).toMatchObject({ kind: 'placed', user: '__proto__' });
    expect(store.asked[0]?.user).toBe('__proto__');
  });
});

describe('requireTls', () => {
  it('refuses in clear text before any policy or store is asked', async () => {
    const store = good();
    const policy: Policy = { around: () => () => Promise.reject(new Error('asked')) };
    const { pipeline } = pipelineOf({ requireTls: true, stores: [storeSeat('a', store)], policies: [seat('p', policy)] });
    for (const mechanism of ['plain', 'apop', 'cram-md5', 'xoauth2', 'oauthbearer'] as const) {
      const outcome = await pipeline.answer({ ...clearText, proof: proofOf(mechanism) });
      expect(denialOf(outcome.answer)).toBe('tls-required');
      expect(outcome.verdict).toEqual({ kind: 'refused', why: 'tls-required', proofHeld: false });
    }
    expect(store.asked).toHaveLength(0);
  });

  it('lets TLS, and mail without a login, pass', async () => {
    const none = { domains: ['example.org'], knownRecipients: false };
    const { pipeline } = pipelineOf({ requireTls: true, none, stores: [storeSeat('a', good())] });
    expect((await pipeline.answer(rawAttempt())).answer.kind).toBe('placed');
    expect((await pipeline.answer({ ...clearText, protocol: 'smtp', proof: proofOf('none') })).answer.kind).toBe('placed');
  });
});

describe('external', () => {
  const external = (parts: Partial<RawAttempt> = {}): RawAttempt => rawAttempt({ protocol: 'smtp', proof: proofOf('external'), ...parts });

  it('rule 33: is rejected as long as no rule says whose a certificate is', async () => {
    const store = good();
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    expect(denialOf((await pipeline.answer(external())).answer)).toBe('rejected');
    expect(store.looked).toHaveLength(0);
  });

  it('rule 33: is rejected when the certificate names nobody', async () => {
    const { pipeline } = pipelineOf({ certificateRule: { 'cd': 'alice' }, stores: [storeSeat('a', good())] }); // prettier-ignore
    expect(denialOf((await pipeline.answer(external())).answer)).toBe('rejected');
  });

  it('rule 34: takes the identity from the certificate, whatever name the client asks for', async () => {
    for (const rawUser of ['', 'root@example.org', 'x\r\ny']) {
      const store = good();
      const { pipeline } = pipelineOf({ certificateRule: 'email', stores: [storeSeat('a', store)] });
      const outcome = await pipeline.answer(external({ rawUser }));
      expect(outcome.answer.kind).toBe('placed');
      expect(store.looked).toEqual(['cert@example.org']);
      expect(store.asked).toHaveLength(0);
    }
  });

  it('is refused in the words of the account that a store refuses', async () => {
    const store = fakeStore(accepted(), { ...all, lookup: { kind: 'refused', why: 'disabled' } });
    const { pipeline } = pipelineOf({ certificateRule: 'email', stores: [storeSeat('a', store)] });
    expect(denialOf((await pipeline.answer(external())).answer)).toBe('disabled');
  });

  it('rule 32: is deferred for imap when there is no password to send to the mail server, and the log says what to do', async () => {
    const { pipeline, log } = pipelineOf({ certificateRule: 'email', stores: [storeSeat('a', good())] });
    expect(denialOf((await pipeline.answer(external({ protocol: 'imap' }))).answer)).toBe('deferred');
    expect(JSON.stringify(log.lines)).toContain('login.password');
  });
});

describe('mail without a login', () => {
  const mail = (rawUser = 'alice@example.org'): RawAttempt => rawAttempt({ rawUser, protocol: 'smtp', proof: proofOf('none') });
  const domains = ['Example.org', 'münchen.de'];

  it('rule 35: is denied by default, and outside of the configured domains, without asking a store', async () => {
    const store = good();
    const seats = { stores: [storeSeat('a', store)] };
    expect(denialOf((await pipelineOf(seats).pipeline.answer(mail())).answer)).toBe('relay-denied');
    const { pipeline } = pipelineOf({ ...seats, none: { domains, knownRecipients: false } });
    for (const to of ['a@elsewhere.net', 'alice', 'a@example.org@elsewhere.net', 'a@sub.example.org']) {
      expect(denialOf((await pipeline.answer(mail(to))).answer)).toBe('relay-denied');
    }
    expect(store.looked).toHaveLength(0);
  });

  it('rule 35: never tells nginx a user or a password, which would make it an authenticated session', async () => {
    const account: Account = accountOf('alice@example.org', { secret: 's', backend: { user: 'u', password: 'p' } });
    const store = fakeStore(accepted(), { lookup: { kind: 'found', account } });
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)], none: { domains, knownRecipients: true } });
    const { answer } = await pipeline.answer(mail());
    expect(answer).toEqual({ kind: 'placed', server: '192.0.2.1', port: 25, asked: { protocol: 'smtp', mechanism: 'none', ordinal: 1 } });
  });

  it('rule 36: is decided on the recipient, in its canonical form', async () => {
    const { pipeline } = pipelineOf({ none: { domains, knownRecipients: false } });
    const outcome = await pipeline.answer(mail('Bob@MÜNCHEN.de'));
    expect(outcome.answer.kind).toBe('placed');
    expect(outcome.account).toEqual({ user: 'bob@xn--mnchen-3ya.de', attributes: {} });
  });

  it('is taken for everybody of a domain unless only known recipients are wanted', async () => {
    const unknown = { stores: [storeSeat('a', fakeStore(accepted(), { lookup: { kind: 'unknown-user' } }))] };
    expect((await pipelineOf({ ...unknown, none: { domains, knownRecipients: false } }).pipeline.answer(mail())).answer.kind).toBe(
      'placed',
    );
    expect(denialOf((await pipelineOf({ ...unknown, none: { domains, knownRecipients: true } }).pipeline.answer(mail())).answer)).toBe(
      'unknown-recipient',
    );
  });

  it('is deferred, not bounced, when known recipients are wanted and nobody can look them up', async () => {
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', fakeStore(accepted()))], none: { domains, knownRecipients: true } });
    expect(denialOf((await pipeline.answer(mail())).answer)).toBe('deferred');
  });

  it.each(['bad address @example.org', 'a\0b@example.org', '@example.org'])('is denied for the address %j', async (to) => {
    const { pipeline } = pipelineOf({ none: { domains, knownRecipients: false } });
    expect(denialOf((await pipeline.answer(mail(to))).answer)).toBe('bad-address');
  });

  it('is told of an outage as an outage, and of a disabled mailbox as of an unknown one', async () => {
    const down = fakeStore(accepted(), { lookup: { kind: 'deferred', cause: new Error('down') } });
    const disabled = fakeStore(accepted(), { lookup: { kind: 'refused', why: 'disabled' } });
    const none = { domains, knownRecipients: false };
    expect(denialOf((await pipelineOf({ stores: [storeSeat('a', down)], none }).pipeline.answer(mail())).answer)).toBe('deferred');
    expect(denialOf((await pipelineOf({ stores: [storeSeat('a', disabled)], none }).pipeline.answer(mail())).answer)).toBe(
      'unknown-recipient',
    );
  });
});

describe('a refusal', () => {
  const refusing = (proofHeld: boolean, rule?: string): Policy => ({
    around: () => async () => ({ kind: 'refused', why: 'tls-required', proofHeld, ...(rule !== undefined && { rule }) }),
  });

  it('by a policy for want of TLS speaks its own words as long as no store was asked: it says nothing of an account', async () => {
    const store = good();
    const { pipeline } = pipelineOf({ stores: [storeSeat('s', store)], policies: [seat('permit', refusing(false))] });
    expect(denialOf((await pipeline.answer(clearText)).answer)).toBe('tls-required');
    expect(store.asked).toHaveLength(0);
  });

  it('rule 59: for want of TLS is told like a wrong password once a store was asked, unless the proof held', async () => {
    const after = (proofHeld: boolean): Policy => ({
      around: (next) => async (attempt, signal) => {
        await next(attempt, signal);
        return { kind: 'refused', why: 'tls-required', proofHeld };
      },
    });
    const answer = async (policy: Policy): Promise<string> =>
      denialOf((await pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('p', policy)] }).pipeline.answer(clearText)).answer);
    expect(await answer(after(false))).toBe('rejected');
    expect(await answer(after(true))).toBe('tls-required');
  });

  it('rule 59: for any other reason is told like a wrong password although no store was asked', async () => {
    for (const why of ['disabled', 'expired', 'locked', 'policy'] as const) {
      const policy: Policy = { around: () => async () => ({ kind: 'refused', why, proofHeld: false }) };
      const { pipeline } = pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('p', policy)] });
      expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('rejected');
    }
  });

  it('names its rule in the step of whoever refused, once, and never what was typed', async () => {
    const policies = [
      seat('outer', { around: (next) => next } satisfies Policy),
      seat('permit', refusing(true, 'requireTls for canary-typed')),
    ];
    const { pipeline } = pipelineOf({ stores: [storeSeat('s', good())], policies });
    const outcome = await pipeline.answer(rawAttempt({ proof: plain('canary-typed') }));
    expect(outcome.steps.slice(1).map(({ instance, detail }) => [instance, detail])).toEqual([
      ['permit', 'requireTls for [secret]'],
      ['outer', undefined],
    ]);
    const store = fakeStore({ kind: 'refused', why: 'policy', proofHeld: true, rule: 'the group' });
    const byStore = await pipelineOf({ stores: [storeSeat('s', store)] }).pipeline.answer(rawAttempt());
    expect(byStore.steps.at(-1)).toMatchObject({ stage: 'store', outcome: 'refused', detail: 'the group' });
  });

  it('whose rule is no text is nonsense', async () => {
    const policy = { around: () => async () => ({ kind: 'refused', why: 'policy', proofHeld: true, rule: {} }) } as unknown as Policy;
    const outcome = await pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('p', policy)] }).pipeline.answer(rawAttempt());
    expect(outcome.verdict.kind).toBe('deferred');
  });
});

describe('a question without a proof', () => {
  it('asks policies that can rehearse around the lookup, where they match, and no others', async () => {
    const entered: string[] = [];
    const forReal: Policy = { around: () => () => Promise.reject(new Error('this never happened')) };
    const noting = (name: string): Policy => ({
      ...forReal,
      rehearse: (next) => async (attempt, signal) => {
        entered.push(name);
        return next(attempt, signal);
      },
    });
    const strict: Policy = {
      ...forReal,
      rehearse: (next) => async (attempt, signal) => {
        const verdict = await next(attempt, signal);
        return verdict.kind === 'accepted' ? { kind: 'refused', why: 'policy', proofHeld: true, rule: 'protocols' } : verdict;
      },
    };
    const store = good();
    const policies = [seat('a', noting('a')), seat('b', noting('b'), { protocol: 'pop3' }), seat('cache', forReal), seat('permit', strict)];
    const { pipeline } = pipelineOf({ stores: [storeSeat('s', store)], policies });
    const outcome = await pipeline.answer(rawAttempt(), { proofless: true });
    expect([entered, store.asked.length, store.looked.length]).toEqual([['a'], 0, 1]);
    expect(outcome.steps.slice(1).map(({ stage, instance, outcome: what, detail }) => [stage, instance, what, detail])).toEqual([
      ['store', 's', 'accepted', undefined],
      ['policy', 'permit', 'refused', 'protocols'],
      ['policy', 'a', 'refused', undefined],
    ]);
    expect(denialOf(outcome.answer)).toBe('policy');
  });
});

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
    await pipeline.answer(rawAttempt(), { proofless: true });
    expect(notes).toEqual([]);
    await pipeline.answer(rawAttempt());
    expect(notes).toEqual(['b in', 'b out accepted']);
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

describe('whatever happens', () => {
  it('rule 58: a bug in the kernel itself is deferred and logged', async () => {
    const identity = {
      canonical: () => {
        throw new TypeError('x is undefined');
      },
    };
    const { pipeline, log } = pipelineOf({ identity, stores: [storeSeat('s', good())] });
    expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('deferred');
    expect(log.loud).toMatchObject([{ level: 'error', fields: { cause: 'TypeError: x is undefined' } }]);
  });

  it('nobody is placed whom no store accepted', async () => {
    const mechanism = fc.constantFrom<Mechanism>(...mechanisms);
    const verdict = fc.constantFrom<unknown>(
      { kind: 'rejected' },
      { kind: 'unknown-user' },
      { kind: 'deferred' },
      { kind: 'limited' },
      undefined,
      {},
      1,
    );
    await fc.assert(
      fc.asyncProperty(mechanism, fc.array(verdict, { maxLength: 4 }), fc.string({ maxLength: 20 }), async (how, verdicts, rawUser) => {
        const stores = verdicts.map((one, index) =>
          storeSeat(`s${index}`, fakeStore(one as Verdict, { ...all, lookup: { kind: 'unknown-user' } })),
        );
        const { pipeline } = pipelineOf({ stores, certificateRule: 'email', none: { domains: ['example.org'], knownRecipients: true } });
        const outcome = await pipeline.answer(rawAttempt({ rawUser, protocol: how === 'none' ? 'smtp' : 'imap', proof: proofOf(how) }));
        expect(outcome.answer.kind).toBe('denied');
        if (outcome.steps.some(({ outcome: what }) => what === 'deferred'))
          expect(['deferred', 'limited']).toContain(denialOf(outcome.answer));
      }),
      { numRuns: 300 },
    );
  });
});
