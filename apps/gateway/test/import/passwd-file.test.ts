import { describe, expect, it } from '@jest/globals';
import { PasswdFileReader } from '../../src/cli/import/passwd-file.js';
import { person, readText } from './read-text.js';

const read = (text: string) => readText(new PasswdFileReader(), text);

describe('a passwd-file', () => {
  it('gives user, password and extra fields, in every form that Dovecot takes', () =>
    expect(
      read(
        [
          '\ufeff# comment',
          'ann@example.org:{SSHA512}abc==:1000:1000::/home/ann::userdb_quota=1G host=mail-a',
          'bob:$6$salt$hash',
          'old:abcdef[34]:1:1::/home:::/var/mail/old',
          'off:{PLAIN}x::::::nologin',
          'on:{PLAIN}x::::::nologin=no allow_nets=10.0.0.0/8',
          '',
          '__proto__:{PLAIN}a:b:::::__proto__=x',
        ].join('\r\n'),
      ),
    ).toEqual([
      person(2, 'ann@example.org', '{SSHA512}abc==', { attributes: { userdb_quota: '1G', host: 'mail-a' } }),
      person(3, 'bob', '$6$salt$hash'),
      person(4, 'old', '{PLAIN-MD5}abcdef'),
      person(5, 'off', '{PLAIN}x', { enabled: false }),
      person(6, 'on', '{PLAIN}x', { attributes: { allow_nets: '10.0.0.0/8' } }),
      person(8, '__proto__', '{PLAIN}a', { attributes: Object.fromEntries([['__proto__', 'x']]) }),
    ]));

  it.each([
    ['no colon at all', 'annpassword'],
    ['another identity', 'ann:{PLAIN}secret::::::user=root'],
    ['a password for the mail server', 'ann:{PLAIN}x::::::pass=secret'],
    ['another login at the mail server', 'ann:{PLAIN}secret::::::destuser=admin'],
    ['no password needed', 'ann:::::::nopassword'],
    ['a NUL', 'ann:secret\0'],
  ])('is broken at a line with %s, and the reason tells nothing of it', (_name, line) => {
    const [entry] = read(line);
    expect(entry).toMatchObject({ kind: 'broken', line: 1 });
    expect(JSON.stringify(entry)).not.toMatch(/secret|root|admin/);
  });
});
