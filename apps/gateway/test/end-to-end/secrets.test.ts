import { describe, expect, it } from '@jest/globals';
import { awkwardPassword, sharedKey } from './setup/people.js';
import { leaks } from './setup/secrets.js';

describe('the search for secrets in logs', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it.each([
    ['a password as typed', 'password canary-ann'],
    ['the shared key', `key ${sharedKey}`],
    ['a SASL response', base64('\0ann@a.example.org\0canary-ann')],
    ['another SASL response', base64('\0bob@b.example.org\0canary-bob')],
    ['a SASL response in the third alignment', base64('xcanary-bob')],
    ['a password as hexadecimal', Buffer.from('canary-ann').toString('hex')],
    ['the awkward password', awkwardPassword],
    ['the awkward password in JSON', JSON.stringify({ pass: awkwardPassword })],
    ['the awkward password as nginx sends it', 'p%25C3%20+&"\\ü'],
    ['the awkward password as nginx sends it, read as latin1', Buffer.from(awkwardPassword).toString('latin1')],
    ['the awkward password in base64', base64(`\0ursula\0${awkwardPassword}`)],
    ['a certificate', '-----BEGIN CERTIFICATE-----'],
    ['a certificate as nginx sends it', '-----BEGIN%20CERTIFICATE-----%0A'],
  ])('finds %s', (_what, line) => {
    expect(leaks(`harmless\n${line}\nharmless`)).toHaveLength(1);
  });

  it('finds digests that it is told of, and nothing in a harmless log', () => {
    expect(leaks('x 0123456789abcdef0123456789abcdef', ['0123456789abcdef0123456789abcdef'])).toHaveLength(1);
    expect(leaks('{"msg":"login","user":"ann@a.example.org","method":"plain"}')).toEqual([]);
  });
});
