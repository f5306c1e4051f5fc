import { describe, expect, it } from '@jest/globals';
import { LdifReader } from '../../src/cli/import/ldif.js';
import { person, readText } from './read-text.js';

const read = (text: string, fields: Record<string, string> = {}) => readText(new LdifReader(new Map(Object.entries(fields))), text);
const b64 = (text: string): string => Buffer.from(text).toString('base64');
const entry = (...lines: string[]): string => ['dn: uid=ann,dc=example', 'mail: ann@example.org', ...lines, ''].join('\n');

describe('an LDIF file', () => {
  it('gives mail or uid, userPassword and mailHost: base64, folded lines, comments, CRLF, other attributes', () =>
    expect(
      read(
        [
          '\ufeffversion: 1',
          '',
          '# people',
          ' of all kinds: a comment goes on here',
          'dn: ou=people,dc=example',
          'objectClass: organizationalUnit',
          '',
          'dn: uid=ann,ou=people,dc=example',
          'Mail: ann@exam',
          ' ple.org',
          `userPassword:: ${b64('{SSHA}abc')}`,
          'mailHost:mail-a',
          `jpegPhoto:: ${'A'.repeat(60)}`,
          ...Array.from({ length: 2000 }, () => ` ${'A'.repeat(76)}`),
          'userPassword;lang-de: other',
          '',
          '',
          'dn: uid=bob,ou=people,dc=example',
          'uid: bob',
          'userPassword: clear text',
          'pwdAccountLockedTime: 000001010000Z',
        ].join('\r\n'),
      ),
    ).toEqual([
      { kind: 'other', line: 5 },
      person(8, 'ann@example.org', '{SSHA}abc', { attributes: { host: 'mail-a' } }),
      person(2017, 'bob', 'clear text', { enabled: false }),
    ]));

  it('takes other attributes', () =>
    expect(
      read('dn: x\nsAMAccountName: ann\nunixPassword: {PLAIN}x\nquota: 5\nuserAccountControl: 514\n', {
        ...{ user: 'sAMAccountName', password: 'unixPassword', quota: 'quota' },
      }),
    ).toEqual([person(1, 'ann', '{PLAIN}x', { enabled: false, attributes: { quota: '5' } })]));

  it.each([
    ['a value from a URL', entry('userPassword:< file:///etc/secret'), 3],
    ['base64 that is none', entry('userPassword:: sec%ret'), 3],
    ['base64 of what is not UTF-8', entry('userPassword:: /w=='), 3],
    ['base64 of a NUL', entry(`userPassword:: ${b64('secret\0')}`), 3],
    ['base64 of a line break', entry(`mailHost:: ${b64('secret\r\nx')}`), 3],
    ['several passwords', entry('userPassword: secret', 'userPassword: secret2'), 1],
    ['a change', entry('changetype: modify'), 1],
    ['no name before the colon', entry(': secret'), 3],
    ['no colon', entry('secret'), 3],
    ['a NUL', entry('userPassword: secret\0'), 3],
    ['a folded password of a mebibyte', entry('userPassword: x', ...Array.from({ length: 1100 }, () => ` ${'k'.repeat(1000)}`)), 3],
    ['a line of a mebibyte', entry(`userPassword: ${'k'.repeat(1_048_576)}`), 3],
    ['no dn', 'mail: secret@example.org\n', 1],
    ['a line that continues nothing', ' secret\n', 1],
    ['another version', 'version: 2\n', 1],
  ])('is broken by a record with %s, once, and the next record is read', (_name, text, line) => {
    const entries = read(`${text}\n${entry('userPassword: {PLAIN}x')}`);
    expect(entries).toMatchObject([
      { kind: 'broken', line },
      { kind: 'person', user: 'ann@example.org' },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/secret|sec%ret/);
  });

  it.each([
    ['TRUE', true],
    ['active', true],
    ['FALSE', false],
    ['inactive', false],
  ])('knows from the attribute that --field enabled names who is switched off: %s', (value, enabled) =>
    expect(read(entry(`userPassword: x`, `status: ${value}`), { enabled: 'Status' })).toEqual([
      person(1, 'ann@example.org', 'x', { enabled }),
    ]),
  );

  it('lets a lock win over it, takes who lacks it for enabled, and calls anything else broken', () => {
    const locked = entry('userPassword: x', 'status: active', 'nsAccountLock: true');
    expect(read(locked, { enabled: 'status' })).toEqual([person(1, 'ann@example.org', 'x', { enabled: false })]);
    expect(read(entry('userPassword: x'), { enabled: 'status' })).toEqual([person(1, 'ann@example.org', 'x')]);
    expect(read(entry('userPassword: x', 'status: deleted'), { enabled: 'status' })).toEqual([
      { kind: 'broken', line: 1, reason: 'it says neither yes nor no to whether the user is enabled' },
    ]);
  });
});
