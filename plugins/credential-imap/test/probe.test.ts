import { afterEach, describe, expect, it } from '@jest/globals';
import { isOfThisLogin, isOverload } from '@postern/contract';
import { open, said, type Opened } from './support.js';
import { answering, answeringEarly, ScriptedServer, type Script, type ScriptedServerOptions } from './scripted-server.js';

const plain = 'SASL-IR AUTH=PLAIN ID';
let servers: ScriptedServer[] = [];
let stores: Opened[] = [];

afterEach(async () => {
  for (const { store } of stores) await store.stop?.(new AbortController().signal);
  for (const server of servers) await server.stop();
  servers = [];
  stores = [];
});

const serve = async (script: Script, more: Partial<ScriptedServerOptions> = {}): Promise<ScriptedServer> => {
  const server = await ScriptedServer.start({ script, ...more });
  servers.push(server);
  return server;
};

const openAt = async (server: ScriptedServer, more: object = {}): Promise<Opened> => {
  const opened = await open({ server: `imap://127.0.0.1:${server.port}`, ...more });
  stores.push(opened);
  return opened;
};

const ask = async (script: Script, more: Partial<ScriptedServerOptions> = {}): Promise<string> =>
  said((await openAt(await serve(script, more))).ask());

describe('what the server answers to a login', () => {
  it.each([
    ['OK done', 'accepted'],
    ['OK [CAPABILITY IMAP4rev1] done', 'accepted'],
    ['ok', 'accepted'],
    ['NO', 'rejected'],
    ['NO wrong', 'rejected'],
    ['NO Some of the requested messages no longer exist', 'rejected'],
    ['NO [AUTHENTICATIONFAILED] wrong', 'rejected'],
    ['NO [authenticationfailed] wrong', 'rejected'],
    ['NO [AUTHORIZATIONFAILED] wrong', 'rejected'],
    ['NO [EXPIRED] change it', 'refused'],
    ['NO [UNAVAILABLE] later', 'deferred: Error: the server answers NO [UNAVAILABLE] to the login'],
    ['NO [LIMIT] too many', 'deferred: Error: the server answers NO [LIMIT] to the login'],
    ['NO [INUSE] busy', 'deferred: TroubleOfThisLogin: the server answers NO [INUSE] to the login'],
    ['NO [PRIVACYREQUIRED] TLS', 'deferred: Error: the server answers NO [PRIVACYREQUIRED] to the login'],
    ['NO [CONTACTADMIN] x', 'deferred: TroubleOfThisLogin: the server answers NO [CONTACTADMIN] to the login'],
    ['NO [ALERT] x', 'deferred: TroubleOfThisLogin: the server answers NO [ALERT] to the login'],
    ['NO [WEBALERT https://x.example] x', 'deferred: TroubleOfThisLogin: the server answers NO [WEBALERT] to the login'],
    ['NO [AUTHENTICATIONFAILED wrong', 'deferred: Error: the server answers NO [?] to the login'],
    ['NO  [UNAVAILABLE] later', 'deferred: Error: the server answers NO [UNAVAILABLE] to the login'],
    ['NO []', 'deferred: Error: the server answers NO [?] to the login'],
    ['BAD what', 'deferred: Error: the server answers BAD to the login'],
  ])('%s', async (reply, expected) => {
    expect(await ask(answering(plain, reply))).toBe(expected);
    expect(await ask(answering('ID', reply))).toBe(expected);
  });

  /**
   * Read off a plain socket, word by word: Cyrus IMAP 3.6.1 (Debian 3.6.1-4+deb12u5) with `sasl_pwcheck_method: saslauthd`, and with sasldb;
   * nginx 1.22.1's mail proxy with an `auth_http` that says what the manual's example says; Courier IMAP 5.0.13 with IMAP_TLS_REQUIRED.
   * From the source of Cyrus SASL and of Courier: a directory that is out, a wrong password. Exchange: as its administrators quote it.
   */
  it.each([
    ['Cyrus, a wrong password', 'NO Login failed: authentication failure', 'rejected'],
    ['Cyrus, a wrong password to AUTHENTICATE', 'NO authentication failure', 'rejected'],
    [
      'Cyrus while saslauthd is stopped',
      'NO Login failed: generic failure',
      'deferred: Error: the server answers NO "generic failure" to the login',
    ],
    ['Cyrus, the same to AUTHENTICATE', 'NO generic failure', 'deferred: Error: the server answers NO "generic failure" to the login'],
    [
      'Cyrus without TLS',
      'NO Login only available under a layer',
      'deferred: Error: the server answers NO "only available under a layer" to the login',
    ],
    [
      'Cyrus without TLS, AUTHENTICATE',
      'NO encryption needed to use mechanism',
      'deferred: Error: the server answers NO "encryption needed to use mechanism" to the login',
    ],
    [
      'Cyrus, its directory out',
      'NO Login failed: remote authentication server unavailable',
      'deferred: Error: the server answers NO "unavailable" to the login',
    ],
    ['nginx, a wrong password', 'NO Invalid login or password', 'rejected'],
    ['a polite server, a wrong password', 'NO Invalid credentials, please try again later', 'rejected'],
    ['a server that locks, too many wrong passwords', 'NO Wrong password, temporarily unavailable', 'rejected'],
    [
      'nginx, its auth_http out',
      'NO Temporary server problem, try again later',
      'deferred: Error: the server answers NO "temporary" to the login',
    ],
    ['Courier, a wrong password', 'NO Login failed.', 'rejected'],
    ['Courier without TLS', 'NO STARTTLS required', 'deferred: Error: the server answers NO "starttls required" to the login'],
    ['Exchange, a wrong password', 'NO LOGIN failed.', 'rejected'],
    ['Exchange, out', 'NO Server Unavailable. 15', 'deferred: Error: the server answers NO "unavailable" to the login'],
  ])('without a code, by its words: %s', async (_, reply, expected) => {
    expect(await ask(answering(plain, reply))).toBe(expected);
    expect(await ask(answering('ID', reply))).toBe(expected);
  });

  it('EXPIRED is told to whoever has the password', async () => {
    const { ask: verify } = await openAt(await serve(answering(plain, 'NO [EXPIRED] x')));
    expect(await verify()).toEqual({ kind: 'refused', why: 'expired', proofHeld: true });
  });
});

describe('what is no answer', () => {
  const during =
    (misdeed: Script): Script =>
    (line, visit) => {
      if (line.includes('AUTHENTICATE')) misdeed(line, visit);
      else answering(plain, '')(line, visit);
    };

  it.each<[string, Script, RegExp]>([
    ['BYE, even before a NO', (line, visit) => visit.say('* BYE enough', `${line.split(' ')[0] ?? ''} NO wrong`), /says BYE/],
    ['a closed connection', (_, visit) => visit.drop(), /closed|ECONNRESET/],
    [
      'half an answer',
      (line, visit) => {
        visit.raw(`${line.split(' ')[0] ?? ''} NO wro`);
        setImmediate(() => visit.drop());
      },
      /closed|ECONNRESET/,
    ],
    ['an answer to somebody else', (_, visit) => visit.say('X99 NO wrong'), /what was not asked/],
    ['an OK to somebody else', (_, visit) => visit.say('X99 OK welcome'), /what was not asked/],
    ['text that is no IMAP', (_, visit) => visit.say('HTTP/1.1 401 Unauthorized'), /no IMAP/],
    ['an untagged NO', (line, visit) => visit.say('* NO wrong', `${line.split(' ')[0] ?? ''} NO [UNAVAILABLE] x`), /UNAVAILABLE/],
    ['a line without end', (_, visit) => visit.raw(`* OK ${'x'.repeat(20_000)}`), /too long/],
    ['a literal without end', (_, visit) => visit.raw('* X {999999}\r\nabc'), /too long/],
    [
      'a literal of more bytes than there are anywhere',
      (line, visit) => visit.say('* X {99999999999}', `${line.split(' ')[0] ?? ''} OK`),
      /too long/,
    ],
    ['much talk', (_, visit) => visit.say(...Array.from({ length: 200 }, () => '* OK still here')), /answers nothing/],
    ['a question for more', (_, visit) => visit.say('+ more'), /more than there is/],
    ['being logged in already', (_, visit) => visit.say('* PREAUTH welcome'), /PREAUTH/],
    ['silence', () => undefined, /no answer within 1500 ms/],
  ])('%s is deferred', async (_, misdeed, message) => {
    expect(await ask(during(misdeed))).toMatch(message);
  });

  it.each([
    ['* PREAUTH welcome', /cannot judge a password/],
    ['* BYE too many', /greets with BYE/],
    ['* NO', /greeting is none/],
    ['220 smtp.example.org ESMTP', /no IMAP/],
    ['+OK POP3 ready', /no IMAP/],
  ])('a greeting such as %s is deferred, and nobody’s password is sent', async (greeting, message) => {
    const server = await serve(answering(plain, 'OK'), { greeting });
    expect(await said((await openAt(server)).ask({ password: 'canary' }))).toMatch(message);
    expect(server.lines.join()).not.toMatch(/AUTHENTICATE|LOGIN/);
  });
});

describe('an answer that comes with the greeting', () => {
  it.each(['OK welcome', 'NO wrong'])('is none, whatever it says: %s', async (early) => {
    const greeting = ['* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready', ...[1, 2, 3].map((tag) => `P${tag} ${early}`)].join('\r\n');
    const server = await serve(() => undefined, { greeting });
    expect(await said((await openAt(server)).ask())).toMatch(/^deferred: .*what was not asked$/);
  });
});

describe('the login', () => {
  const b64 = (text: string): string => Buffer.from(text).toString('base64');

  it('goes out as SASL PLAIN where it is offered, at once or when asked for, with any byte in the password', async () => {
    const password = Uint8Array.from([0x22, 0x5c, 0x0d, 0x0a, 0xff, 0x7b, 0x33, 0x7d, 0x25, 0x01]);
    const proof = Buffer.concat([Buffer.from('\0ann@example.org\0'), password]).toString('base64');
    const atOnce = await serve(answering(plain, 'OK'));
    expect(await said((await openAt(atOnce)).ask({ password }))).toBe('accepted');
    expect(atOnce.lines).toContain(`P3 AUTHENTICATE PLAIN ${proof}`);
    const whenAsked = await serve((line, visit) => {
      if (line.endsWith('AUTHENTICATE PLAIN')) visit.say('+ ');
      else if (line === proof) visit.say('P2 OK welcome');
      else answering('AUTH=PLAIN', '')(line, visit);
    });
    expect(await said((await openAt(whenAsked)).ask({ password }))).toBe('accepted');
  });

  it('goes out as LOGIN with literals elsewhere, byte for byte', async () => {
    const password = Uint8Array.from([0x22, 0x5c, 0xff, 0x7b, 0x33, 0x7d, 0x25, 0x01]);
    const server = await serve((line, visit) => {
      if (/\{\d+\}$/.test(line)) visit.say('+ go on');
      else if (line.includes('CAPABILITY')) answering('', '')(line, visit);
      else visit.say('P2 OK welcome');
    });
    expect(await said((await openAt(server)).ask({ user: 'änn "x" {3}', password }))).toBe('accepted');
    const user = Buffer.from('änn "x" {3}').toString('latin1');
    expect(server.heard).toContain(`P2 LOGIN {12}\r\n${user} {8}\r\n"\\\u00ff{3}%\u0001\r\n`);
  });

  it.each([
    ['AUTH=PLAIN', 'OK welcome'],
    ['AUTH=PLAIN', 'NO wrong'],
    ['AUTH=PLAIN', 'NO [AUTHENTICATIONFAILED] wrong'],
    ['', 'OK welcome'],
    ['', 'NO wrong'],
    ['', 'NO [EXPIRED] wrong'],
  ])('is not judged by what the server says before the password went out: %s, %s', async (names, reply) => {
    const server = await serve(answeringEarly(names, reply));
    expect(await said((await openAt(server)).ask({ password: 'canary' }))).toMatch(/^deferred: .* before it heard the password$/);
    expect(server.heard).not.toContain('canary');
    // The user's name alone is not enough either.
    const halfway = await serve((line, visit) => {
      if (line.includes('LOGIN {')) visit.say('+ go on');
      else answering('', '')(line, visit);
      if (line.includes('ann@example.org')) visit.say(`P2 ${reply}`);
    });
    expect(await said((await openAt(halfway)).ask({ password: 'canary' }))).toMatch(/^deferred: .* before it heard the password$/);
    expect(halfway.heard).not.toContain('canary');
  });

  it('does not go out where the server says LOGINDISABLED', async () => {
    const server = await serve(answering('LOGINDISABLED STARTTLS', 'OK'));
    expect(await said((await openAt(server)).ask({ password: 'canary' }))).toContain('takes no passwords on this connection');
    expect(server.heard).not.toContain('canary');
  });

  it.each(['', 'a\0b', 'a\r\nb', 'a\nX LOGIN y z', '\u001b[2J', '\u0085'])('of %j never reaches the server', async (user) => {
    const server = await serve(answering(plain, 'OK'));
    expect(await said((await openAt(server)).ask({ user }))).toBe('rejected');
    expect(server.taken).toBe(0);
  });

  it('with a NUL in the password, or with an empty one, never reaches the server', async () => {
    const server = await serve(answering(plain, 'OK'));
    const { ask: verify } = await openAt(server);
    expect(await said(verify({ password: Uint8Array.from([0x61, 0, 0x62]) }))).toBe('rejected');
    expect(await said(verify({ password: '' }))).toBe('rejected');
    expect(server.taken).toBe(0);
  });

  it('is what `login` makes of the user', async () => {
    const server = await serve(answering(plain, 'OK'));
    expect(await (await openAt(server, { login: '{local}' })).ask()).toEqual({
      kind: 'accepted',
      account: { user: 'ann@example.org', attributes: {} },
    });
    expect(server.lines).toContain(`P3 AUTHENTICATE PLAIN ${b64('\0ann\0right')}`);
  });

  it('reads the capabilities in the greeting and asks for none then', async () => {
    const server = await serve(answering('', 'OK'), { greeting: '* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready' });
    expect(await said((await openAt(server)).ask())).toBe('accepted');
    expect(server.lines[0]).toBe(`P1 AUTHENTICATE PLAIN ${b64('\0ann@example.org\0right')}`);
  });
});

describe('the client’s address', () => {
  it('is told by ID where the server knows ID, and only if it is one', async () => {
    const server = await serve(answering(plain, 'OK'));
    const { ask: verify } = await openAt(server);
    await verify({ client: { ip: '2001:db8::7' } });
    expect(server.lines).toContain('P2 ID ("name" "postern" "x-originating-ip" "2001:db8::7")');
    await verify({ client: { ip: 'unix:' } });
    expect(server.heard.match(/ ID \(/g)).toHaveLength(1);
    const without = await serve(answering('AUTH=PLAIN SASL-IR', 'OK'));
    expect(await said((await openAt(without)).ask())).toBe('accepted');
    expect(without.heard).not.toContain('x-originating-ip');
  });

  it('a server that refuses ID is asked all the same', async () => {
    const script: Script = (line, visit) => (line.includes(' ID ') ? visit.say('P2 BAD no') : answering(plain, 'OK')(line, visit));
    expect(await ask(script)).toBe('accepted');
  });

  it.each([
    ['192.0.2.7', /^PROXY TCP4 192\.0\.2\.7 127\.0\.0\.1 \d+ \d+$/],
    ['2001:db8::7', /^PROXY TCP6 2001:db8::7 ::ffff:127\.0\.0\.1 \d+ \d+$/],
    ['unix:', /^PROXY UNKNOWN$/],
  ])('%s is told in a PROXY header before everything else', async (ip, header) => {
    const server = await serve(answering(plain, 'OK'), { expectsProxy: true });
    expect(await said((await openAt(server, { proxyProtocol: true })).ask({ client: { ip } }))).toBe('accepted');
    expect(server.lines[0]).toMatch(header);
  });
});

describe('many logins', () => {
  /** Logins wait until the test lets them go. */
  const held = (): { readonly script: Script; readonly release: () => void; readonly waiting: () => number } => {
    const waiting: (() => void)[] = [];
    const script: Script = (line, visit) => {
      if (line.includes('AUTHENTICATE')) waiting.push(() => visit.say('P3 OK'));
      else answering(plain, '')(line, visit);
    };
    return { script, release: () => waiting.splice(0).forEach((go) => go()), waiting: () => waiting.length };
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('of one user are tried one after the other, of several at once', async () => {
    const { script, release, waiting } = held();
    const server = await serve(script);
    const { ask: verify } = await openAt(server);
    const same = [verify(), verify(), verify()];
    const other = verify({ user: 'bob@example.org' });
    await until(() => waiting() === 2);
    expect(server.taken).toBe(2);
    release();
    expect(await said(other)).toBe('accepted');
    for (let taken = 3; taken <= 4; taken += 1) {
      await until(() => waiting() === 1);
      expect(server.taken).toBe(taken);
      release();
    }
    for (const one of same) expect(await said(one)).toBe('accepted');
  });

  it('are no more at once than `concurrency`, and no more wait than `waiting`', async () => {
    const { script, release, waiting } = held();
    const server = await serve(script);
    const { ask: verify } = await openAt(server, { concurrency: 3, waiting: 4 });
    const all = Array.from({ length: 9 }, (_, index) => said(verify({ user: `user-${index}` })));
    expect(await all[7]).toContain('too many logins wait');
    expect(await all[8]).toContain('too many logins wait');
    await until(() => waiting() === 3);
    expect(server.taken).toBe(3);
    const pump = setInterval(release, 2);
    expect(await Promise.all(all.slice(0, 7))).toEqual(Array.from({ length: 7 }, () => 'accepted'));
    clearInterval(pump);
    expect(server.taken).toBe(7);
  });

  it('of one user that wait for each other show nothing of the server: whoever sends many must not shut out the others', async () => {
    const server = await serve(held().script);
    const { store, ask: verify } = await openAt(server, { timeout: '100ms' });
    const [first, second] = await Promise.all([verify(), verify()]);
    expect(first.kind === 'deferred' && isOfThisLogin(first.cause)).toBe(false);
    expect(second.kind === 'deferred' && isOfThisLogin(second.cause)).toBe(true);
    expect(await store.health?.(new AbortController().signal)).toEqual({ status: 'degraded', note: 'no answer within 100 ms' });
  });

  it('that find the server busy with others to the end say so: it works, it has too much to do', async () => {
    const server = await serve(held().script);
    const { ask: verify } = await openAt(server, { timeout: '100ms', concurrency: 1 });
    const [first, second] = await Promise.all([verify({ user: 'one' }), verify({ user: 'two' })]);
    expect(first.kind === 'deferred' && isOverload(first.cause)).toBe(false);
    expect(second.kind === 'deferred' && isOverload(second.cause)).toBe(true);
  });

  it.each(['ALERT', 'WEBALERT https://x.example', 'CONTACTADMIN', 'INUSE'])(
    'what the server answers with %s is about one login',
    async (code) => {
      const { ask: verify } = await openAt(await serve(answering(plain, `NO [${code}] x`)));
      const verdict = await verify();
      expect(verdict.kind === 'deferred' && isOfThisLogin(verdict.cause)).toBe(true);
    },
  );

  it.each(['NO [UNAVAILABLE] x', 'NO [LIMIT] x', 'BAD x'])('%s may be about everybody', async (reply) => {
    const { ask: verify } = await openAt(await serve(answering(plain, reply)));
    const verdict = await verify();
    expect(verdict.kind === 'deferred' && isOfThisLogin(verdict.cause)).toBe(false);
  });

  it('that are given up leave the line and the server, and hold up nobody', async () => {
    const { script, release, waiting } = held();
    const server = await serve(script);
    const { ask: verify } = await openAt(server, { concurrency: 1 });
    const abort = new AbortController();
    const givenUp = [said(verify({ user: 'one' }, abort.signal)), said(verify({ user: 'two' }, abort.signal))];
    await until(() => waiting() === 1);
    abort.abort(new Error('given up'));
    expect(await Promise.all(givenUp)).toEqual(['deferred: Error: given up', expect.stringContaining('busy with other logins')]);
    await until(() => server.open === 0);
    release();
    const next = said(verify({ user: 'three' }));
    await until(() => waiting() === 1);
    release();
    expect(await next).toBe('accepted');
    expect(server.taken).toBe(2);
  });
});

describe('its health', () => {
  const { signal } = new AbortController();

  it('is the server’s: asked by a greeting, known by logins', async () => {
    let reply = 'OK';
    const server = await serve((line, visit) => answering(plain, reply)(line, visit));
    const { store, ask: verify } = await openAt(server);
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
    expect(server.lines.join()).not.toContain('AUTHENTICATE');
    await verify();
    const { taken } = server;
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
    expect(server.taken).toBe(taken);
    reply = 'NO [UNAVAILABLE] x';
    await verify();
    expect(await store.health?.(signal)).toEqual({ status: 'degraded', note: 'the server answers NO [UNAVAILABLE] to the login' });
    await server.stop();
    expect(await store.health?.(signal)).toMatchObject({ status: 'down', note: expect.stringContaining('ECONNREFUSED') });
  });
});
