import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { attempt, fakeServices } from '@postern/testkit';
import { BasicStrategy, LocalStrategy } from './libraries.js';
import { make, open, signal, strategyThat, type Authenticate, type Verbs } from './support.js';

const kindOf = async (verdict: Promise<Verdict>): Promise<string> => (await verdict).kind;
const causeOf = async (verdict: Promise<Verdict>): Promise<string> => {
  const known = await verdict;
  return known.kind === 'deferred' ? String(known.cause) : known.kind;
};
/** As `strategyThat`, and reads nothing by itself. */
const strategyOf = (answer: (request: { readonly body: Readonly<Record<string, string>> }, verbs: Verbs) => void): object => ({
  authenticate(this: Verbs, request: { readonly body: Readonly<Record<string, string>> }) {
    return request.body['username'] === undefined ? this.fail(undefined, 400) : answer(request, this);
  },
});
const saying = (answer: Authenticate): ReturnType<typeof open> => open({ strategy: strategyThat(answer) });

describe('what a strategy says', () => {
  it.each<[string, Authenticate, string]>([
    ['fail', (verbs) => verbs.fail('wrong'), 'rejected'],
    ['fail with 401', (verbs) => verbs.fail('wrong', 401), 'rejected'],
    ['fail with 403', (verbs) => verbs.fail(403), 'rejected'],
    ['fail with 400 after it read everything', (verbs) => verbs.fail('no such address', 400), 'rejected'],
    ['fail with 429', (verbs) => verbs.fail('slow down', 429), 'limited'],
    ['fail with 500', (verbs) => verbs.fail('oops', 500), 'deferred'],
    ['fail with nothing but 503', (verbs) => verbs.fail(503), 'deferred'],
    ['error', (verbs) => verbs.error(new Error('down')), 'deferred'],
    ['error without an error', (verbs) => verbs.error(), 'deferred'],
    ['success', (verbs) => verbs.success({}), 'accepted'],
    ['success with true', (verbs) => verbs.success(true), 'accepted'],
    ['success with nobody', (verbs) => verbs.success(), 'deferred'],
    ['success with false', (verbs) => verbs.success(false), 'deferred'],
    ['redirect', (verbs) => verbs.redirect('/login'), 'deferred'],
    ['pass', (verbs) => verbs.pass(), 'deferred'],
  ])('%s', async (_, answer, kind) => {
    const { ask } = await saying(answer);
    expect(await kindOf(ask())).toBe(kind);
  });

  it('thrown, rejected, or thrown by a verify function that is async, is deferred without what was typed', async () => {
    const answers: readonly Authenticate[] = [
      (_, __, { password }) => {
        throw new Error(`no ${password}`);
      },
      (_, __, { password }) => Promise.reject(new Error(`no ${password}`)),
    ];
    for (const answer of answers) {
      const { ask } = await saying(answer);
      expect(await causeOf(ask({ password: 'canary-typed' }))).toBe('Error: the strategy gave an error: Error: no [secret]');
    }
    const verify = async (_: string, password: string): Promise<never> => {
      await Promise.resolve();
      throw new TypeError(`no ${password}`);
    };
    const { ask } = await open({ strategy: new LocalStrategy(verify) });
    expect(await causeOf(ask({ password: 'canary-typed' }))).toBe('Error: the strategy gave an error: TypeError: no [secret]');
  });

  it('says its status as a number or as its digits', async () => {
    const { ask } = await saying((verbs) => verbs.fail('busy', '503'));
    expect(await causeOf(ask())).toContain('status 503');
  });

  it('is told without the login and password of a Basic header', async () => {
    const header = Buffer.from('ann@example.org:canary-typed').toString('base64');
    const { ask } = await saying((verbs) => verbs.error(new Error(`refused: Basic ${header}`)));
    expect(await causeOf(ask({ user: 'ann@example.org', password: 'canary-typed' }))).toBe(
      'Error: the strategy gave an error: Error: refused: Basic [secret]',
    );
  });

  it('counts once: the first verb holds, whatever comes after it', async () => {
    const { ask } = await saying((verbs) => {
      verbs.fail();
      verbs.success({});
      verbs.error(new Error('late'));
      throw new Error('later');
    });
    expect(await kindOf(ask())).toBe('rejected');
  });

  it('after an abort does not count, and nobody listens to that signal any more', async () => {
    let late: () => void = () => undefined;
    const { ask } = await saying((verbs) => {
      late = () => verbs.success({});
    });
    const abort = new AbortController();
    const asked = ask({}, abort.signal);
    abort.abort(new Error('given up'));
    expect(await causeOf(asked)).toContain('given up');
    expect(() => late()).not.toThrow();
  });

  it('may be said later', async () => {
    const { ask } = await saying((verbs) => void setImmediate(() => verbs.success({})));
    expect(await kindOf(ask())).toBe('accepted');
  });
});

describe('two hundred overlapping logins', () => {
  it('never cross, even where the strategy keeps each login on itself and answers backwards', async () => {
    const waiting: (() => void)[] = [];
    const strategy = {
      mine: '',
      authenticate(
        this: { mine: string; success(user: object): void; fail(status: number): void },
        { body }: { body: Record<string, string> },
      ) {
        if (body['username'] === undefined) return this.fail(400);
        this.mine = body['username'];
        waiting.unshift(() => (body['password'] === `of ${this.mine}` ? this.success({ username: this.mine }) : this.fail(401)));
      },
    };
    const { ask } = await open({ strategy });
    const users = Array.from({ length: 200 }, (_, index) => `user-${index}@example.org`);
    const asked = users.map((user, index) => ask({ user, password: index % 3 === 0 ? 'wrong' : `of ${user}` }));
    await new Promise(setImmediate);
    expect(waiting).toHaveLength(200);
    for (const answer of waiting) answer();
    const verdicts = await Promise.all(asked);
    for (const [index, verdict] of verdicts.entries()) {
      expect(verdict.kind === 'accepted' ? verdict.account.user : verdict.kind).toBe(index % 3 === 0 ? 'rejected' : users[index]);
    }
    expect(strategy.mine).toBe('');
    expect(Object.keys(strategy)).toEqual(['mine', 'authenticate']);
  });
});

describe('a strategy that cannot answer mail logins', () => {
  it('is found at the start where it redirects or lets in whoever asks', async () => {
    const redirecting = {
      authenticate(this: Verbs) {
        this.redirect('/login');
      },
    };
    await expect(open({ strategy: redirecting })).rejects.toThrow('the strategy is interactive');
    const anonymous = {
      authenticate(this: Verbs) {
        this.success({});
      },
    };
    await expect(open({ strategy: anonymous })).rejects.toThrow('without looking at their password');
  });

  it('is found at its first login otherwise: loudly, once, deferred, and down until it says something useful', async () => {
    let answer: Authenticate = (verbs) => verbs.redirect('/second-factor');
    const { ask, store, services } = await saying((verbs, request, login) => answer(verbs, request, login));
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
    for (let time = 0; time < 3; time += 1) expect(await causeOf(ask())).toContain('interactive');
    expect(services.log.lines).toEqual([{ level: 'error', message: expect.stringContaining('interactive'), fields: {} }]);
    expect(await store.health?.(signal)).toMatchObject({ status: 'down', note: expect.stringContaining('interactive') });
    answer = (verbs) => verbs.error(new Error('down'));
    await ask();
    expect(await store.health?.(signal)).toMatchObject({ status: 'down' });
    answer = (verbs) => verbs.fail();
    expect(await kindOf(ask())).toBe('rejected');
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
  });

  it('is one that lets in without reading the password', async () => {
    const trusting = {
      authenticate(this: { success(user: object): void; fail(status: number): void }, { body }: { body: Record<string, string> }) {
        if (body['username'] === undefined) this.fail(400);
        else this.success({});
      },
    };
    const { ask } = await open({ strategy: trusting });
    expect(await causeOf(ask())).toContain('without looking at their password');
  });

  it('is one that succeeds with a promise: what it comes to may be nobody', async () => {
    const forgetsToWait = new LocalStrategy((_, __, done) => done(null, Promise.resolve(false)));
    expect(await causeOf((await open({ strategy: forgetsToWait })).ask())).toContain('without a user');
  });

  it('is one that looks for other fields: its no is no wrong password', async () => {
    const strategy = new LocalStrategy({ usernameField: 'email', passwordField: 'secret' }, (_, __, done) => done(null, {}));
    expect(await causeOf((await open({ strategy })).ask())).toContain('`fields`');
    expect(await causeOf((await open({ strategy, fields: { user: 'email' } })).ask())).toContain('`fields`');
    expect(await kindOf((await open({ strategy, fields: { user: 'email', password: 'secret' } })).ask())).toBe('accepted');
  });

  it('is one that looks for the password under another name and says nothing but no, as passport-token 0.2 does', async () => {
    const strategy = {
      authenticate(this: Verbs, { body }: { readonly body: Readonly<Record<string, string>> }) {
        if (body['username'] === undefined || body['token'] === undefined) return this.fail(new Error('Missing credentials'));
        return body['token'] === 'right' ? this.success({}) : this.fail();
      },
    };
    expect(await causeOf((await open({ strategy })).ask({ password: 'right' }))).toContain('`fields`');
    const { ask } = await open({ strategy, fields: { password: 'token' } });
    expect([await kindOf(ask({ password: 'right' })), await kindOf(ask({ password: 'wrong' }))]).toEqual(['accepted', 'rejected']);
  });

  it('is not one that knows no such user, and so has no need of the password', async () => {
    const strategy = strategyOf(({ body }, verbs) => (body['username'] === 'ben@example.org' ? verbs.success({}) : verbs.fail()));
    expect(await kindOf((await open({ strategy })).ask())).toBe('rejected');
  });

  it('says why it did not start to whoever asks it all the same', async () => {
    const store = make({ strategy: LocalStrategy });
    await expect(store.start?.(signal)).rejects.toThrow(/cannot be made/);
    const asked = store.verify(attempt({}), signal);
    expect(await causeOf(asked)).toMatch(/the strategy is not there: .*cannot be made .*write a module/);
  });

  it('may keep an empty question waiting: it starts all the same after a second', async () => {
    const strategy = { authenticate: (): void => undefined };
    const services = fakeServices();
    const store = make({ strategy }, services);
    const started = store.start?.(signal);
    await services.clock.step(1000);
    await started;
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
    expect(services.clock.pending).toBe(0);
  });
});

describe('its health', () => {
  it('tells of a login that could not be judged for a minute, or until one is judged, and of no message', async () => {
    let answer: Authenticate = (verbs) => verbs.error(Object.assign(new Error('canary at 10.0.0.1'), { code: 'ECONNREFUSED' }));
    const { ask, store, services } = await open({ strategy: strategyThat((verbs, request, login) => answer(verbs, request, login)) });
    await ask();
    expect(await store.health?.(signal)).toEqual({ status: 'degraded', note: 'the strategy gave an error: Error ECONNREFUSED' });
    await services.clock.step(60_000);
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
    answer = (verbs) => verbs.fail(undefined, 503);
    await ask();
    expect(await store.health?.(signal)).toEqual({ status: 'degraded', note: 'the strategy failed with status 503' });
    answer = (verbs) => verbs.error('canary');
    await ask();
    expect(await store.health?.(signal)).toEqual({ status: 'degraded', note: 'the strategy gave an error' });
    answer = () => undefined;
    const gone = new AbortController();
    const hanging = ask({}, gone.signal);
    gone.abort(new Error('over'));
    await hanging;
    expect(await store.health?.(signal)).toEqual({ status: 'degraded', note: 'no answer in time' });
    answer = (verbs) => verbs.fail();
    await ask();
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
  });
});

describe('the request', () => {
  it('is a form and a Basic header, and little else', async () => {
    const seen: unknown[] = [];
    const { ask } = await saying((verbs, request) => {
      seen.push(structuredClone(request));
      verbs.success({});
    });
    await ask({ user: 'ann@example.org', password: 'päss:wörd' });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/',
        headers: { authorization: `Basic ${Buffer.from('ann@example.org:päss:wörd').toString('base64')}` },
        body: { username: 'ann@example.org', password: 'päss:wörd' },
        query: {},
        ip: '192.0.2.7',
      },
    ]);
  });

  it('names the fields as configured, `__proto__` and its like included', async () => {
    for (const user of ['__proto__', 'constructor', 'mail']) {
      const strategy = {
        authenticate(this: { success(user: object): void; fail(status: number): void }, { body }: { body: Record<string, string> }) {
          const own = Object.hasOwn(body, user) ? body[user] : undefined;
          if (own === 'ann@example.org' && body['secret'] === 'right') this.success({});
          else this.fail(401);
        },
      };
      expect(await kindOf((await open({ strategy, fields: { user, password: 'secret' } })).ask())).toBe('accepted');
    }
  });

  it('tells the login as `login` says', async () => {
    const { ask } = await open({
      login: '{local}',
      strategy: strategyThat((verbs, _, { user }) => (user === 'ann' ? verbs.success({ username: 'Ann' }) : verbs.fail())),
    });
    expect(await ask()).toMatchObject({ kind: 'accepted', account: { user: 'ann@example.org' } });
  });

  it('never holds an empty login: a template that comes to nothing is nobody', async () => {
    const { ask, services } = await open({ login: '{domain}', strategy: strategyThat((verbs) => verbs.success({})) });
    expect(await kindOf(ask({ user: 'ann' }))).toBe('rejected');
    expect(services.log.lines).toEqual([]);
  });

  it('a password that is no text is not read as another one', async () => {
    const { ask } = await saying((verbs) => verbs.success({}));
    expect(await kindOf(ask({ password: Uint8Array.from([0xff, 0x41]) }))).toBe('rejected');
    expect(await kindOf(ask({ password: '\ufffdA' }))).toBe('accepted');
  });
});

describe('Basic', () => {
  it('a login with a colon is nobody’s, since it would read as another login', async () => {
    const strategy = './strategies/basic.mjs';
    const { ask } = await open({ strategy });
    expect(await kindOf(ask({ user: 'ann@example.org:x', password: 'Right-password-of-Ann' }))).toBe('rejected');
    const handed: unknown[] = [];
    const noting = new BasicStrategy((user, password, done) => {
      handed.push([user, password]);
      done(null, { user });
    });
    const basic = await open({ strategy: noting });
    expect(await kindOf(basic.ask({ user: 'ann:secret', password: 'anything' }))).toBe('rejected');
    expect(handed).toEqual([]);
    // Nor does it say anything about the strategy.
    expect([await basic.store.health?.(signal), basic.services.log.lines]).toEqual([{ status: 'up' }, []]);
  });

  it('a password that passport-http cuts at its colon is deferred, and the cut one does not let in', async () => {
    const { ask } = await open({ strategy: './strategies/basic.mjs' });
    expect(await causeOf(ask({ password: 'Right-password-of-Ann:and-more' }))).toContain('cuts passwords at a colon');
    expect(await kindOf(ask({ password: 'Right-password-of-Ann' }))).toBe('accepted');
  });
});

describe('the account', () => {
  const accountFor = async (user: unknown, more: object = {}): Promise<unknown> => {
    const { ask } = await open({ strategy: strategyThat((verbs) => verbs.success(user)), ...more });
    const verdict = await ask({ user: 'ann@example.org' });
    return verdict.kind === 'accepted' ? verdict.account : verdict.kind;
  };

  it('is named by the field in `account`, by `username`, by a bare text, or else by the login', async () => {
    expect(await accountFor({ mail: 'a.smith@example.org', username: 'x' }, { account: 'mail' })).toMatchObject({
      user: 'a.smith@example.org',
    });
    expect(await accountFor({ username: 'asmith@example.org' })).toMatchObject({ user: 'asmith@example.org' });
    expect(await accountFor('asmith@example.org')).toMatchObject({ user: 'asmith@example.org' });
    expect(await accountFor({ id: 7 })).toMatchObject({ user: 'ann@example.org' });
    expect(await accountFor({ username: 'ANN@example.org' })).toMatchObject({ user: 'ann@example.org' });
  });

  it('is not guessed from fields that people change themselves', async () => {
    expect(await accountFor({ email: 'boss@example.org', mail: 'boss@example.org', name: 'boss', user: 'boss' })).toMatchObject({
      user: 'ann@example.org',
    });
  });

  it.each([
    [{ mail: ['a@x.org', 'b@x.org'] }, { account: 'mail' }],
    [{}, { account: 'mail' }],
    [{}, { account: 'toString' }],
    ['x', { account: 'mail', strategy: strategyThat((verbs) => verbs.success(7)) }],
    [{ username: 'a\r\nAuth-Status: OK' }, {}],
    [{ username: '' }, {}],
    [{ username: ' a' }, {}],
    [{ username: 'a'.repeat(513) }, {}],
    [{ username: '\ud800' }, {}],
  ])('%j with %j names nobody who could be told to a mail server: deferred', async (user, more) => {
    expect(await accountFor(user, more)).toBe('deferred');
  });

  it('has the texts of the user object as attributes, without passwords and without what cannot stand in a header', async () => {
    const user = Object.assign(Object.create({ inherited: 'x' }) as object, {
      host: 'mail-a',
      dn: 'uid=ann,dc=example,dc=org',
      id: 7,
      groups: ['a'],
      nested: { a: 'b' },
      userPassword: '{SSHA}x',
      password_hash: '$2y$',
      apiKey: 'x',
      bio: 'two\nlines',
      long: 'x'.repeat(1025),
      ['__proto__x']: 'y',
    });
    expect(await accountFor(user)).toEqual({
      user: 'ann@example.org',
      attributes: { host: 'mail-a', dn: 'uid=ann,dc=example,dc=org', __proto__x: 'y' },
    });
  });

  it('whose fields throw is deferred', async () => {
    const user = {
      get host(): string {
        throw new Error('the row is gone');
      },
    };
    expect(await accountFor(user)).toBe('deferred');
  });
});

describe('other mechanisms', () => {
  it('are none of its business, and it says so in its abilities', async () => {
    const { store } = await saying((verbs) => verbs.success({}));
    expect(store.abilities).toEqual({ mechanisms: ['plain'], knowsUsers: false });
    const proof = { mechanism: 'xoauth2', token: 'x' } as const;
    expect(await store.verify(attempt({ proof }), signal)).toEqual({ kind: 'unsupported' });
  });
});
