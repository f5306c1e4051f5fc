import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Networks } from '@postern/contract';
import { certificateUser, decode, HeadReader, percentEscape, type Decoded, type HeaderField } from '../src/index.js';
import { attemptOf, denialOf, proofOf } from './support/ask.js';
import { capturedRequests, requestsOf } from './support/captured.js';

const fieldsOf = (request: Buffer): readonly HeaderField[] => {
  const reading = new HeadReader().push(request);
  if (reading.kind !== 'complete') throw new Error('a captured request must be readable');
  return reading.head.headers;
};

const decodeAll = (name: string, trustedProxies: readonly string[] = []): readonly Decoded[] =>
  requestsOf(name).map((request) => decode(fieldsOf(request), { trustedProxies: new Networks(trustedProxies) }));

const decodeOne = (name: string, trustedProxies: readonly string[] = []): Decoded => {
  const [first] = decodeAll(name, trustedProxies);
  if (first === undefined) throw new Error(`${name} has no request`);
  return first;
};

const every = (from: number, to: number): Buffer => Buffer.from(Array.from({ length: to - from + 1 }, (_, index) => from + index));
const awkward = Buffer.from('p%C3 +&"\\ü', 'utf8');

/** By conversation: what was typed. Everything else is `u0001@example.org` with `pw`. */
const typed: Readonly<Record<string, { readonly user?: string; readonly password?: Buffer | string }>> = {
  'IMAP LOGIN, quoted': { password: 'pw with space' },
  'IMAP LOGIN, literals': { password: 'pw lit%"' },
  'IMAP LOGIN, quoted, awkward password': { user: 'special@example.org', password: awkward },
  'IMAP LOGIN, 3500-byte password': { user: 'u', password: 'x'.repeat(3_500) },
  'IMAP LOGIN after CAPABILITY, ID, NOOP': { user: 'u', password: 'p' },
  'IMAP LOGIN and the next command in one packet': { user: 'u', password: 'p' },
  'IMAP AUTHENTICATE PLAIN, awkward password': { user: 'special@example.org', password: awkward },
  'IMAP AUTHENTICATE PLAIN, CR, LF and tab in the password': { password: 'p\r\nAuth-User: evil\ttab' },
  'IMAP AUTHENTICATE PLAIN, every byte 0x01 to 0xff in the password': { password: every(1, 255) },
  'IMAP AUTHENTICATE PLAIN, non-ASCII, upper case, percent and plus': { user: 'Jürgen+tag%41@EXAMPLE.org', password: 'пароль' },
  'IMAP AUTHENTICATE PLAIN, 1500 percent signs as the password': { password: '%'.repeat(1_500) },
  'IMAP AUTHENTICATE LOGIN': { password: awkward },
  'POP3 USER and PASS': { password: 'pw with  two spaces ' },
  'POP3 USER and PASS, awkward password': { user: 'special@example.org', password: awkward },
  'SMTP AUTH LOGIN': { password: awkward },
  'POP3 STLS': { user: 'u', password: 'p' },
  POP3S: { user: 'u', password: 'p' },
};

const refusedAsTyped = new Set([
  'IMAP AUTHENTICATE PLAIN, CR and LF in the user name',
  'IMAP AUTHENTICATE PLAIN, NUL in the password',
  'IMAP AUTHENTICATE PLAIN, empty password',
  'IMAP AUTHENTICATE PLAIN, empty user name',
]);

const isPlain = ({ requests }: (typeof capturedRequests)[number]): boolean => requests[0]?.text.includes('Auth-Method: plain') === true;

describe('requests captured from a real nginx, password logins', () => {
  for (const conversation of capturedRequests.filter(isPlain)) {
    const { name, protocol, dialogue } = conversation;
    if (name === 'IMAP LOGIN, three attempts on one connection') continue;
    if (refusedAsTyped.has(name)) {
      it(`${name}: is told like a wrong password`, () => expect(denialOf(decodeOne(name))).toBe('rejected'));
      continue;
    }
    it(`rule 72: ${name}: gives login and password byte for byte`, () => {
      const attempt = attemptOf(decodeOne(name));
      const { bytes } = proofOf(decodeOne(name), 'plain');
      const { user = 'u0001@example.org', password = 'pw' } = typed[name] ?? {};
      expect(attempt).toMatchObject({ rawUser: user, protocol, ordinal: 1 });
      expect(Buffer.from(bytes)).toEqual(Buffer.from(password));
      expect(attempt.tls !== undefined).toBe(dialogue.some(({ event }) => event?.includes('TLS') === true));
    });
    it(`${name}: escapes back to the very bytes nginx sent`, () => {
      const sent = new Map(fieldsOf(requestsOf(name)[0]!));
      const { bytes } = proofOf(decodeOne(name), 'plain');
      expect(percentEscape(Buffer.from(bytes).toString('latin1'))).toBe(sent.get('Auth-Pass'));
    });
  }

  it('three attempts on one connection are counted', () => {
    const decoded = decodeAll('IMAP LOGIN, three attempts on one connection');
    expect(decoded.map((one) => attemptOf(one).ordinal)).toEqual([1, 2, 3]);
    expect(decoded.map((one) => proofOf(one, 'plain').password)).toEqual(['p1', 'p2', 'p3']);
  });
});

describe('requests captured from a real nginx, other mechanisms', () => {
  it('rule 30: APOP and CRAM-MD5 digests come with the salt they were made of', () => {
    const right = capturedRequests.filter(({ name }) => /CRAM-MD5|APOP/.test(name) && !name.includes('wrong secret'));
    expect(right.length).toBeGreaterThan(4);
    for (const { name } of right) {
      const { proof } = attemptOf(decodeOne(name));
      if (proof.mechanism !== 'apop' && proof.mechanism !== 'cram-md5') throw new Error(name);
      const { salt, digest } = proof;
      const apop = createHash('md5').update(`${salt}pw-u0001`).digest('hex');
      const cram = createHmac('md5', 'pw-u0001').update(salt).digest('hex');
      expect([name, digest]).toEqual([name, proof.mechanism === 'apop' ? apop : cram]);
    }
    const wrong = proofOf(decodeOne('SMTP AUTH CRAM-MD5, wrong secret, no Auth-Pass returned'), 'cram-md5');
    expect(wrong.digest).not.toBe(createHmac('md5', 'pw-u0001').update(wrong.salt).digest('hex'));
  });

  it('rule 33: EXTERNAL without TLS or certificate, which a real nginx asks about, is a failure', () => {
    const clear = capturedRequests.filter(({ name }) => name.includes('EXTERNAL') && !name.startsWith('IMAPS'));
    expect(clear).toHaveLength(6);
    for (const { name } of clear) expect([name, denialOf(decodeOne(name))]).toEqual([name, 'rejected']);
  });

  it('rule 27: EXTERNAL with a verified certificate carries the certificate, PEM and all', () => {
    const name = 'IMAPS, client certificate optional and good, EXTERNAL';
    const { certificate } = proofOf(decodeOne(name), 'external');
    expect(certificate).toMatchObject({ subject: 'CN=u0001@example.org,O=Lab,C=XX', issuer: 'CN=Lab CA' });
    expect(certificate.pem).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(certificateUser(certificate, 'cn')).toBe('u0001@example.org');
  });

  it('rule 24: SMTP without a login gives the addresses of the envelope', () => {
    const envelope = (name: string): readonly string[][] =>
      decodeAll(name).map((one) => {
        const { from, to, helo } = proofOf(one, 'none');
        expect(attemptOf(one).rawUser).toBe(to);
        return [helo, from, to];
      });
    expect(envelope('SMTP without auth, parameters')).toEqual([['client.example.com', 'sender@example.net', 'rcpt+x@example.org']]);
    expect(envelope('SMTP without auth, null sender, lower case')).toEqual([['c', '', 'a@b']]);
    expect(envelope('SMTP without auth, pipelined')).toEqual([['c', 'a@b', 'c@d']]);
    expect(envelope('SMTP without auth, percent, space and non-ASCII')).toEqual([['c', 'ü%41@b', '"a b"@d']]);
    expect(envelope('SMTP without auth, refused twice')).toEqual([
      ['c', 'a@b', 'c@d'],
      ['c', 'a@b', 'c@e'],
    ]);
  });

  it('rule 22: a PROXY header counts only when nginx or we trust the balancer', () => {
    const ip = (name: string, trusted: readonly string[] = []): string => attemptOf(decodeOne(name, trusted)).client.ip;
    expect(ip('IMAP after PROXY v1, balancer not trusted')).toBe('127.0.0.1');
    expect(ip('IMAP after PROXY v1, balancer not trusted', ['127.0.0.0/8'])).toBe('198.51.100.7');
    expect(ip('IMAP after PROXY v1, balancer trusted')).toBe('198.51.100.7');
    expect(ip('IMAP after PROXY v1 TCP6, balancer trusted')).toBe('2001:db8::7');
    expect(ip('IMAP after PROXY v1 UNKNOWN', ['127.0.0.0/8'])).toBe('127.0.0.1');
    expect(ip('IMAP after PROXY v2, balancer trusted')).toBe('198.51.100.7');
  });

  it('rule 23: the placeholders for a client without a name are no name', () => {
    for (const name of ['SMTP AUTH PLAIN, resolver fails', 'SMTP AUTH PLAIN after EHLO, initial response']) {
      expect(attemptOf(decodeOne(name)).client).toEqual({ ip: '127.0.0.1' });
    }
  });
});
