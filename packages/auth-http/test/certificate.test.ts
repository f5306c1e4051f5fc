import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '@postern/contract';
import fc from 'fast-check';
import { emailsOf } from '../src/certificate-user.js';
import { certificateUser, parseDistinguishedName } from '../src/index.js';

const pemOf = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');

const certificate: Certificate = {
  subject: 'emailAddress=u@example.com,CN=t\\C3\\A9st user,O=Ex\\, \\"am\\" Org,C=DE',
  issuer: 'CN=CA',
  serial: '01',
  fingerprint: '1e91a387788f7e9e200192c7b70af1cd40125970',
  pem: pemOf('one-email'),
};

const withSubject = (subject: string): Certificate => ({ ...certificate, subject });

describe('a certificate subject', () => {
  it('rule 26: is read in the RFC 2253 form with its escapes', () => {
    expect(parseDistinguishedName(certificate.subject)).toEqual([
      { type: 'emailAddress', value: 'u@example.com' },
      { type: 'CN', value: 'tést user' },
      { type: 'O', value: 'Ex, "am" Org' },
      { type: 'C', value: 'DE' },
    ]);
    expect(parseDistinguishedName('CN=a\\+b\\=c\\\\,O=\\#x\\ ,1.2.3=y')).toEqual([
      { type: 'CN', value: 'a+b=c\\' },
      { type: 'O', value: '#x ' },
      { type: '1.2.3', value: 'y' },
    ]);
    expect(parseDistinguishedName('CN=a+emailAddress=b@c,O=d')?.map(({ type }) => type)).toEqual(['CN', 'emailAddress', 'O']);
  });

  it('rule 26: is read in the old /CN= form', () => {
    expect(parseDistinguishedName('/C=DE/O=Ex, "am" Org/CN=t\\xC3\\xA9st/emailAddress=u@example.com')).toEqual([
      { type: 'C', value: 'DE' },
      { type: 'O', value: 'Ex, "am" Org' },
      { type: 'CN', value: 'tést' },
      { type: 'emailAddress', value: 'u@example.com' },
    ]);
    expect(parseDistinguishedName('/CN=a/b')).toEqual([{ type: 'CN', value: 'a/b' }]);
  });

  it('rule 26: is nothing at all where one part cannot be read', () => {
    for (const text of ['junk', 'CN', 'CN=a,', ',CN=a', 'CN=a,=b', 'CN=a\\', 'CN="a,CN=b"', 'CN=\\FF', 'C N=a', '1.=a', '/', '//CN=a']) {
      expect([text, parseDistinguishedName(text)]).toEqual([text, undefined]);
    }
    expect(parseDistinguishedName('')).toEqual([]);
  });

  it('rule 26: any value comes back from its escaped form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        const escaped = Array.from(Buffer.from(value), (byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
        expect(parseDistinguishedName(`O=x,CN=${escaped}`)?.[1]?.value).toBe(value);
        const quoted = value.replace(/[,+"\\<>;#= ]/g, '\\$&');
        const text = Buffer.from(`CN=${quoted},O=x`).toString('latin1');
        if (!/\\[0-9a-f]{2}/i.test(quoted)) expect(parseDistinguishedName(text)?.[0]?.value).toBe(value);
      }),
      { seed: 26 },
    );
  });
});

describe('the user of a certificate', () => {
  it('rule 33: is what the rule names in the subject', () => {
    expect(certificateUser(certificate, 'email')).toBe('u@example.com');
    expect(certificateUser(certificate, 'cn')).toBe('tést user');
    expect(certificateUser(withSubject('1.2.840.113549.1.9.1=a@b,O=x'), 'email')).toBe('a@b');
  });

  it('rule 33: is nobody where the subject names nobody or more than one', () => {
    expect(certificateUser(withSubject('O=x'), 'cn')).toBeUndefined();
    expect(certificateUser(withSubject('CN=a,CN=b'), 'cn')).toBeUndefined();
    expect(certificateUser(withSubject('CN=a,CN=a'), 'cn')).toBe('a');
    expect(certificateUser(withSubject('CN='), 'cn')).toBeUndefined();
    expect(certificateUser(withSubject('CN=admin\\00.evil'), 'cn')).toBeUndefined();
    expect(certificateUser(withSubject('O=x\\,CN=admin,CN=bob'), 'cn')).toBe('bob');
    expect(certificateUser(withSubject('/O=x/CN=admin'), 'cn')).toBeUndefined();
    expect(certificateUser(withSubject('CN=bob,O="x'), 'cn')).toBeUndefined();
  });

  it('rule 33: is the one e-mail address among the alternative names, of the very certificate', () => {
    expect(certificateUser(certificate, 'san-email')).toBe('alt@example.org');
    const { pem, ...withoutPem } = certificate;
    expect(pem).toBeDefined();
    expect(certificateUser(withoutPem, 'san-email')).toBeUndefined();
    expect(certificateUser({ ...certificate, pem: 'junk' }, 'san-email')).toBeUndefined();
    const two = { ...certificate, pem: pemOf('two-emails'), fingerprint: '2772bc2dd91251340c53c63431f9a27f22449cfd' };
    expect(certificateUser(two, 'san-email')).toBeUndefined();
    expect(certificateUser({ ...two, pem: pemOf('one-email') }, 'san-email')).toBeUndefined();
  });

  it('reads alternative names with quotes and commas without being led astray', () => {
    expect(emailsOf('email:a@b, DNS:x')).toEqual(['a@b']);
    expect(emailsOf('DNS:"x, email:evil@b", email:a@b')).toEqual(['a@b']);
    expect(emailsOf('email:"a\\u002c b@c"')).toEqual(['a, b@c']);
    expect(emailsOf('IP Address:1.2.3.4, email:a@b')).toEqual(['a@b']);
    expect(emailsOf('email:a@b, DNS')).toEqual([]);
    expect(emailsOf('')).toEqual([]);
  });

  it('rule 33: is who the table says for its fingerprint, colons and case aside', () => {
    expect(certificateUser(certificate, { '1E:91:A3:87:78:8F:7E:9E:20:01:92:C7:B7:0A:F1:CD:40:12:59:70': 'bob' })).toBe('bob');
    expect(certificateUser(certificate, { [certificate.fingerprint]: 'bob', other: 'eve' })).toBe('bob');
    expect(certificateUser(certificate, { other: 'eve' })).toBeUndefined();
    expect(certificateUser({ ...certificate, fingerprint: '__proto__' }, {})).toBeUndefined();
  });
});
