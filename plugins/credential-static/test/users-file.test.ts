import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CredentialStore, Lifecycle, Verdict } from '@postern/contract';
import { attempt, fakeServices, parseConfig, type AttemptParts, type FakeServices } from '@postern/testkit';
import fc from 'fast-check';
import { staticPlugin } from '../src/index.js';
import { readHtpasswdLine, readPasswdLine } from '../src/line-formats.js';
import { readUsersFile, UsersFileError } from '../src/users-file.js';

const { signal } = new AbortController();
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-users-'));
});
afterAll(() => rm(directory, { recursive: true }));

interface Opened {
  readonly store: CredentialStore & Lifecycle;
  readonly services: FakeServices;
  readonly ask: (user: string, password: string, parts?: AttemptParts) => Promise<Verdict>;
  readonly change: (content: string | Uint8Array) => Promise<void>;
}

const open = async (content: string, more: Record<string, unknown> = {}): Promise<Opened> => {
  await writeFile(join(directory, 'users'), content);
  const services = fakeServices();
  const config = parseConfig(staticPlugin, { file: 'users', ...more }, { directory, env: {} });
  const store = staticPlugin.create(config, services);
  await store.start?.(signal);
  return {
    store,
    services,
    ask: (user, password, parts = {}) => store.verify(attempt({ user, password, ...parts }), signal),
    change: async (next) => {
      await writeFile(join(directory, 'users'), next);
      await services.files.changed();
    },
  };
};

const kindOf = async (verdict: Promise<Verdict>): Promise<string> => (await verdict).kind;

describe('a Dovecot passwd-file', () => {
  it('is read as Dovecot reads it: comments, empty lines, line ends, seven fields and the extra ones', async () => {
    const { ask } = await open(
      [
        '\ufeff# people',
        '',
        'Ann@Example.org:{PLAIN}secret:1000:1000:Ann:/home/ann:/bin/sh:host=10.0.0.11 userdb_mail=maildir:~/Mail  proxy',
        'bob@example.org:{PLAIN}secret\r',
        'carl@example.org:{PLAIN}secret:::::',
        '#dora@example.org:{PLAIN}secret',
        'emil@example.org:{PLAIN}secret::::::',
      ].join('\n'),
    );
    expect(await ask('ann@example.org', 'secret')).toEqual({
      kind: 'accepted',
      account: { user: 'ann@example.org', attributes: { host: '10.0.0.11', userdb_mail: 'maildir:~/Mail', proxy: 'yes' } },
    });
    for (const user of ['bob', 'carl', 'emil']) expect(await kindOf(ask(`${user}@example.org`, 'secret'))).toBe('accepted');
    expect(await kindOf(ask('dora@example.org', 'secret'))).toBe('unknown-user');
    expect(await kindOf(ask('bob@example.org', 'secret\r'))).toBe('rejected');
  });

  it('the extra fields that mean something: nologin, user, destuser, pass, allow_nets', async () => {
    const { ask, store } = await open(
      [
        'off@x.org:{PLAIN}secret::::::nologin reason=away',
        'on@x.org:{PLAIN}secret::::::nologin=no',
        'alias@x.org:{PLAIN}secret::::::user=Real@x.org',
        'proxied@x.org:{PLAIN}secret::::::destuser=proxied*master pass=master-secret host=10.0.0.1',
        'office@x.org:{PLAIN}secret::::::allow_nets=192.0.2.0/24,2001:db8::/32,198.51.100.7',
        'here@x.org:{PLAIN}secret::::::allow_nets=local',
      ].join('\n'),
    );
    expect(await ask('off@x.org', 'secret')).toEqual({ kind: 'refused', why: 'disabled', proofHeld: true });
    expect(await kindOf(ask('on@x.org', 'secret'))).toBe('accepted');
    expect(await ask('alias@x.org', 'secret')).toMatchObject({ account: { user: 'real@x.org' } });
    expect(await ask('proxied@x.org', 'secret')).toEqual({
      kind: 'accepted',
      account: {
        user: 'proxied@x.org',
        attributes: { host: '10.0.0.1' },
        backend: { user: 'proxied*master', password: 'master-secret' },
      },
    });
    const from = (user: string, ip: string, password = 'secret'): Promise<Verdict> => ask(user, password, { client: { ip } });
    for (const ip of ['192.0.2.9', '2001:db8::1', '198.51.100.7']) expect(await kindOf(from('office@x.org', ip))).toBe('accepted');
    for (const ip of ['203.0.113.1', '2001:db9::1', 'unix:']) {
      expect(await from('office@x.org', ip)).toEqual({ kind: 'refused', why: 'policy', proofHeld: true });
      expect(await from('office@x.org', ip, 'wrong')).toEqual({ kind: 'refused', why: 'policy', proofHeld: false });
    }
    expect(await kindOf(from('here@x.org', 'unix:'))).toBe('accepted');
    expect(await kindOf(from('here@x.org', '127.0.0.1'))).toBe('refused');
    // A certificate does not say where its client is.
    expect(await store.lookup?.('office@x.org', signal)).toEqual({ kind: 'refused', why: 'policy' });
  });

  it('`nopassword` opens no door, and a user without a password has none', async () => {
    const { ask, services } = await open('guest@x.org:::::::nopassword\nnobody@x.org:\n');
    for (const user of ['guest@x.org', 'nobody@x.org']) {
      for (const password of ['', 'x', 'guest']) expect(await kindOf(ask(user, password))).toBe('rejected');
    }
    expect(services.log.text()).toContain('line 1: `nopassword` is not honoured');
  });

  it('a bare hash is of the default scheme', async () => {
    const hash = '$2y$04$avZxP0op5FENy9PNSR7BbOw13vDXKxP46WQvtS3fuLw3e3iC62j12';
    const crypt = await open(`a@x.org:${hash}\nb@x.org:secret\n`);
    expect(await kindOf(crypt.ask('a@x.org', 'x'.repeat(72)))).toBe('accepted');
    expect(await kindOf(crypt.ask('b@x.org', 'secret'))).toBe('deferred');
    expect(crypt.services.log.text()).toContain('line 2: the CRYPT hash cannot be read');
    const plain = await open(`a@x.org:${hash}\nb@x.org:secret\n`, { defaultScheme: 'plain' });
    expect(await kindOf(plain.ask('b@x.org', 'secret'))).toBe('accepted');
    expect(await kindOf(plain.ask('a@x.org', 'x'.repeat(72)))).toBe('accepted');
  });

  it('reads the marks of libpam-pwdfile', () => {
    expect(readPasswdLine('a:abWL7Sj501Z46[13]').stored).toBe('{CRYPT}abWL7Sj501Z46');
    expect(readPasswdLine('a:4ece57a61323b52ccffdbef021956754[34]').stored).toBe('{PLAIN-MD5}4ece57a61323b52ccffdbef021956754');
    expect(readPasswdLine('a:{PLAIN}x[13]').stored).toBe('{PLAIN}x[13]');
  });

  it('users named like parts of an object are users', async () => {
    const { ask } = await open('__proto__:{PLAIN}x::::::__proto__=polluted constructor=y\nconstructor:{PLAIN}x\n');
    const verdict = await ask('__proto__', 'x');
    expect(verdict.kind === 'accepted' && Object.hasOwn(verdict.account.attributes, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await kindOf(ask('constructor', 'y'))).toBe('rejected');
    expect(await kindOf(ask('toString', 'x'))).toBe('unknown-user');
  });
});

describe('an htpasswd file', () => {
  // Made by Apache's htpasswd: -B, -m and -s; the password is Tr0ub4dor&3.
  const content = [
    '# made by htpasswd',
    'bcrypt:$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
    'apr1:$apr1$aOVdNXY2$Jt.4ODd3y.hF6a04oPOLx.',
    'sha:{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=',
    'sha512:$6$saltsalt12345678$6mqwz8u3tY',
    '',
  ].join('\n');

  it('takes bcrypt; what is weak waits for the permission, and nobody is called wrong meanwhile', async () => {
    const strict = await open(content, { format: 'htpasswd' });
    expect(await kindOf(strict.ask('bcrypt', 'Tr0ub4dor&3'))).toBe('accepted');
    expect(await kindOf(strict.ask('bcrypt', 'wrong'))).toBe('rejected');
    for (const user of ['apr1', 'sha', 'sha512']) expect(await kindOf(strict.ask(user, 'Tr0ub4dor&3'))).toBe('deferred');
    expect(strict.services.log.text()).toContain(
      'line 3: the scheme APR1 is weak and not allowed here; line 4: the scheme SHA is weak and not allowed here; line 5: the SHA512-CRYPT hash cannot be read',
    );
    const permitted = await open(content, { format: 'htpasswd', allowWeak: ['APR1', 'SHA'] });
    for (const user of ['bcrypt', 'apr1', 'sha']) {
      expect(await kindOf(permitted.ask(user, 'Tr0ub4dor&3'))).toBe('accepted');
      expect(await kindOf(permitted.ask(user, 'Tr0ub4dor&4'))).toBe('rejected');
    }
  });

  it('bare names match logins without a domain, or with the one that `domain` gives', async () => {
    const bare = await open(content, { format: 'htpasswd' });
    expect(await kindOf(bare.ask('bcrypt@example.org', 'Tr0ub4dor&3'))).toBe('unknown-user');
    const full = await open(content, { format: 'htpasswd', domain: 'example.org' });
    expect(await kindOf(full.ask('bcrypt@example.org', 'Tr0ub4dor&3'))).toBe('accepted');
  });

  it('knows no extra fields', () => {
    expect(readHtpasswdLine('a:{PLAIN}x:nologin::::::nologin')).toMatchObject({
      stored: '{PLAIN}x',
      extra: { enabled: true, attributes: {} },
    });
  });
});

describe('when the file changes', () => {
  it('the new users count at once', async () => {
    const { ask, change } = await open('a@x.org:{PLAIN}one\nb@x.org:{PLAIN}one\n');
    await change('a@x.org:{PLAIN}two\nc@x.org:{PLAIN}one\n');
    expect(await kindOf(ask('a@x.org', 'one'))).toBe('rejected');
    expect(await kindOf(ask('a@x.org', 'two'))).toBe('accepted');
    expect(await kindOf(ask('b@x.org', 'one'))).toBe('unknown-user');
    expect(await kindOf(ask('c@x.org', 'one'))).toBe('accepted');
  });

  it.each([
    ['a line without a colon', 'a@x.org:{PLAIN}two\nsecret-stuff\n', 'line 2: there is no colon'],
    ['a line without a user', ':{PLAIN}secret-stuff\n', 'line 1: there is no login before the first colon'],
    ['a user told twice', 'a@x.org:{PLAIN}secret-stuff\n\nA@x.ORG:{PLAIN}three\n', 'line 3: the user of line 1 is told a second time'],
    ['networks that are none', 'a@x.org:{PLAIN}x::::::allow_nets=secret-stuff\n', 'line 1: `allow_nets=` is no list of networks'],
    [
      'a password among the extra fields',
      'a@x.org:{PLAIN}x::::::password=secret-stuff\n',
      'line 1: `password=` stands among the extra fields',
    ],
    ['nothing but comments', '# secret-stuff\n\n', 'line 1: there is no user in it'],
    ['nothing', '', 'line 1: there is no user in it'],
    [
      'bytes that are no UTF-8',
      Buffer.from('a@x.org:{PLAIN}x\nb\xfc@x.org:{PLAIN}secret-stuff\n', 'latin1'),
      'line 2: it is not written in UTF-8',
    ],
  ])('%s keeps the old users, and is reported with its line and without its text', async (_, content, message) => {
    const { ask, change, services, store } = await open('a@x.org:{PLAIN}one\n');
    await change(content);
    expect(await kindOf(ask('a@x.org', 'one'))).toBe('accepted');
    expect(await store.health?.(signal)).toMatchObject({ status: 'degraded' });
    expect(services.log.text()).toContain(message);
    expect(services.log.text()).not.toContain('secret-stuff');
    await change('a@x.org:{PLAIN}two\n');
    expect(await kindOf(ask('a@x.org', 'two'))).toBe('accepted');
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
  });

  it('all broken lines are reported together', async () => {
    const rules = { schemes: { defaultScheme: 'CRYPT', allowWeak: [] }, readLine: readPasswdLine, domain: undefined };
    const content = Buffer.from(Array.from({ length: 25 }, (_, index) => `line ${index}`).join('\n'));
    const error = await readUsersFile(content, rules).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsersFileError);
    expect((error as UsersFileError).remarks).toHaveLength(25);
    expect((error as UsersFileError).message).toMatch(/line 10: there is no colon; and 15 more$/);
  });

  it('whatever bytes a file holds, it is read or refused with lines, and nothing else', async () => {
    const rules = { schemes: { defaultScheme: 'CRYPT', allowWeak: ['PLAIN'] }, readLine: readPasswdLine, domain: undefined };
    const piece = fc.constantFrom(
      ':',
      '\n',
      '\r',
      '\0',
      '{PLAIN}',
      '$2y$',
      '@',
      'a',
      '=',
      ' ',
      'allow_nets=',
      'user=',
      '#',
      '[13]',
      '\u00fc',
      '::::::',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const read = await readUsersFile(Buffer.from(pieces.join('')), rules).catch((error: unknown) => error);
        expect(read instanceof UsersFileError || typeof read === 'object').toBe(true);
        if (read instanceof Error) expect(read).toBeInstanceOf(UsersFileError);
      }),
      { numRuns: 500 },
    );
  });

  it('a letter or a line that lies across two pieces of a long file is read whole', async () => {
    const rules = { schemes: { defaultScheme: 'CRYPT', allowWeak: ['PLAIN'] }, readLine: readPasswdLine, domain: undefined };
    for (const padding of [0, 1, 2, 3]) {
      const lines = ['#'.repeat(padding), ...Array.from({ length: 30_000 }, (_, index) => `ü${index}@x.org:{PLAIN}x`)];
      const { users } = await readUsersFile(Buffer.from(lines.join('\n')), rules);
      expect(users.size).toBe(30_000);
      expect(users.find('ü29999@x.org')?.stored).toBe('{PLAIN}x');
    }
    const broken = Buffer.concat([Buffer.from('a@x.org:{PLAIN}x\n'.padStart(70_000, '#\n')), Buffer.from([0xff])]);
    const lines = broken.toString('latin1').split('\n').length;
    await expect(readUsersFile(broken, rules)).rejects.toThrow(`line ${lines}: it is not written in UTF-8`);
  });

  it('a long file leaves the event loop its turns', async () => {
    const rules = { schemes: { defaultScheme: 'CRYPT', allowWeak: ['PLAIN'] }, readLine: readPasswdLine, domain: undefined };
    const content = Buffer.from(Array.from({ length: 20_000 }, (_, index) => `u${index}@x.org:{PLAIN}x`).join('\n'));
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns += 1;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const { users } = await readUsersFile(content, rules);
    reading = false;
    expect(users.size).toBe(20_000);
    expect(turns).toBeGreaterThanOrEqual(Math.floor(content.length / 65_536));
  });
});
