import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, percentEscape, type HeaderField } from '../src/index.js';
import { ask, attemptOf, denialOf, noProxies, proofOf, question, utf8 } from './support/ask.js';

describe('decode: fields', () => {
  it('rule 05: names count in any case, and order does not matter', () => {
    const expected = ask();
    const upper = question().map(([name, value]): HeaderField => [name.toUpperCase(), value]);
    const lower = question().map(([name, value]): HeaderField => [name.toLowerCase(), value]);
    expect(decode(upper, { trustedProxies: noProxies })).toEqual(expected);
    expect(decode(lower.reverse(), { trustedProxies: noProxies })).toEqual(expected);
  });

  it('rule 06: bytes 7F and 80-FF reach the password unchanged', () => {
    const password = Array.from({ length: 129 }, (_, index) => String.fromCharCode(index + 127)).join('');
    expect(Buffer.from(proofOf(ask({ 'Auth-Pass': password }), 'plain').bytes).toString('latin1')).toBe(password);
  });

  it('rule 08: a protocol header that comes twice is refused, in any case, equal or not', () => {
    const twice = ['Auth-User', 'auth-PASS', 'AUTH-METHOD', 'Auth-Protocol', 'Client-IP', 'Auth-Login-Attempt', 'Auth-Salt', 'Auth-SSL'];
    const more = [
      'Client-Host',
      'Proxy-Protocol-Addr',
      'Auth-SMTP-To',
      'Auth-SSL-Verify',
      'Auth-SSL-Fingerprint-SHA256',
      'Auth-Unheard-Of',
      'Client-Unheard-Of',
      'Proxy-Protocol-Unheard-Of',
    ];
    for (const name of [...twice, ...more]) {
      const headers = [...question(), [name, 'x'], [name.toLowerCase(), 'x']] as const;
      const decoded = decode(headers, { trustedProxies: noProxies });
      expect(decoded).toMatchObject({
        kind: 'denied',
        denial: 'deferred',
        why: expect.stringMatching(/^the header [A-Za-z0-9-]+ came twice$/),
      });
    }
    const others = [...question(), ['X-Zone', '1'], ['X-Zone', '2'], ['Host', 'a'], ['Host', 'b']] as const;
    expect(decode(others, { trustedProxies: noProxies }).kind).toBe('attempt');
  });

  it('rule 08: lines smuggled in through a host name cannot add what is there, nor change the words of the denial', () => {
    const smuggled = [
      ...question({ 'Auth-Protocol': 'smtp', 'Client-Host': 'x' }),
      ['Auth-User', 'admin'],
      ['Auth-Protocol', 'imap'],
    ] as const;
    expect(decode(smuggled, { trustedProxies: noProxies })).toMatchObject({
      denial: 'deferred',
      asked: { protocol: 'smtp', mechanism: 'plain', ordinal: 1 },
    });
  });

  it('rule 12, rule 39: a missing or unknown method or protocol is a temporary denial', () => {
    for (const value of [undefined, '', 'PLAIN', 'digest-md5', 'scram-sha-256', '__proto__', 'constructor', 'plain,plain']) {
      expect(denialOf(ask({ 'Auth-Method': value }))).toBe('deferred');
    }
    for (const value of [undefined, '', 'IMAP', 'imaps', 'sieve', 'toString']) {
      expect(denialOf(ask({ 'Auth-Protocol': value }))).toBe('deferred');
    }
    expect(ask({ 'Auth-Method': 'x', 'Auth-Login-Attempt': '3' })).toMatchObject({ asked: { protocol: 'imap', ordinal: 3 } });
    expect(decode([], { trustedProxies: noProxies })).toMatchObject({ kind: 'denied', denial: 'deferred', asked: { ordinal: 1 } });
  });

  it('counts attempts from 1, takes a missing count for 1, and refuses what is no count', () => {
    expect(attemptOf(ask({ 'Auth-Login-Attempt': undefined })).ordinal).toBe(1);
    expect(attemptOf(ask({ 'Auth-Login-Attempt': '4294967295' })).ordinal).toBe(4_294_967_295);
    for (const value of ['0', '-1', '', '1.5', '1e3', 'one', '9'.repeat(17)]) {
      const decoded = ask({ 'Auth-Login-Attempt': value });
      expect(decoded).toMatchObject({ denial: 'deferred', asked: { protocol: 'imap', mechanism: 'plain' } });
      expect(decoded).not.toHaveProperty('asked.ordinal');
    }
  });

  it('rule 72: depends on nothing that only some versions send', () => {
    const attempt = attemptOf(ask());
    expect(attempt).toEqual({
      rawUser: 'u0001@example.org',
      proof: { mechanism: 'plain', password: 'pw', bytes: Buffer.from('pw') },
      protocol: 'imap',
      client: { ip: '192.0.2.7' },
      ordinal: 1,
    });
    expect(attemptOf(ask({ 'Auth-SSL': 'on' })).tls).toEqual({});
    expect(attemptOf(ask({ 'Auth-SSL-Fingerprint-SHA256': 'ab', 'X-Zone': 'a', 'Auth-Later-Invention': 'b' }))).toEqual(attempt);
  });
});

describe('decode: percent escapes', () => {
  it('rule 15: every byte of a password survives the escaping of nginx', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (raw) => {
        const bytes = Buffer.from(raw.map((byte) => byte || 1));
        const decoded = ask({ 'Auth-Pass': percentEscape(bytes.toString('latin1')) });
        expect(Buffer.from(proofOf(decoded, 'plain').bytes)).toEqual(bytes);
      }),
      { seed: 15 },
    );
  });

  it('rule 15: every login of text survives it too', () => {
    const login = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map((text) => text.replace(/[\0-\x1f\x7f-\x9f]/g, 'x'));
    fc.assert(
      fc.property(login, (user) => {
        expect(attemptOf(ask({ 'Auth-User': percentEscape(utf8(user)) })).rawUser).toBe(user);
      }),
      { seed: 15 },
    );
  });

  it('rule 16: plus stays plus, and an escape is undone once', () => {
    expect(proofOf(ask({ 'Auth-Pass': 'a+b' }), 'plain').password).toBe('a+b');
    expect(proofOf(ask({ 'Auth-Pass': '%252B' }), 'plain').password).toBe('%2B');
    expect(attemptOf(ask({ 'Auth-User': 'blub%25e9' })).rawUser).toBe('blub%e9');
  });

  it('rule 17: a malformed percent sequence is a temporary denial, nothing worse', () => {
    for (const value of ['%', 'a%', 'a%4', '%4', '%zz', '%4z', '%z4', '%%41', '% 1', '%+1', '%\xff\xff']) {
      expect(denialOf(ask({ 'Auth-User': value }))).toBe('deferred');
      expect(denialOf(ask({ 'Auth-Pass': value }))).toBe('deferred');
    }
    expect(denialOf(ask({ 'Auth-Pass': undefined }))).toBe('deferred');
  });
});

describe('decode: logins and passwords', () => {
  it('rule 18: a login that is not UTF-8 is told like a wrong password, a password is bytes', () => {
    for (const login of ['\xe9', 'a\xc3', '\xc0\x80', '\xed\xa0\x80', '\xf8\x88\x80\x80\x80']) {
      expect(denialOf(ask({ 'Auth-User': login }))).toBe('rejected');
    }
    const { bytes, password } = proofOf(ask({ 'Auth-Pass': '\xe9' }), 'plain');
    expect([...bytes]).toEqual([0xe9]);
    expect(password).toBe('\ufffd');
  });

  it('rule 19: a login with any control character is told like a wrong password', () => {
    for (let byte = 0; byte < 32; byte += 1) {
      expect(denialOf(ask({ 'Auth-User': `bob${percentEscape(String.fromCharCode(byte))}x` }))).toBe('rejected');
    }
    for (const login of ['a\x7f', 'a\xc2\x80', 'a\xc2\x9f']) expect(denialOf(ask({ 'Auth-User': login }))).toBe('rejected');
    expect(denialOf(ask({ 'Auth-User': 'a\xc2\xa0' }))).toBe('none');
  });

  it('rule 19: NUL in a password is refused everywhere, a line break for POP3', () => {
    for (const protocol of ['imap', 'pop3', 'smtp']) {
      expect(denialOf(ask({ 'Auth-Protocol': protocol, 'Auth-Pass': 'a%00b' }))).toBe('rejected');
      for (const escape of ['%0D', '%0A']) {
        const expected = protocol === 'pop3' ? 'rejected' : 'none';
        expect(denialOf(ask({ 'Auth-Protocol': protocol, 'Auth-Pass': `a${escape}b` }))).toBe(expected);
      }
    }
  });

  it('rule 20: an empty login or password is told like a wrong password', () => {
    expect(denialOf(ask({ 'Auth-User': '' }))).toBe('rejected');
    expect(denialOf(ask({ 'Auth-User': undefined }))).toBe('rejected');
    expect(denialOf(ask({ 'Auth-Pass': '' }))).toBe('rejected');
    expect(denialOf(ask({ 'Auth-Method': 'xoauth2', 'Auth-Pass': '' }))).toBe('rejected');
    expect(denialOf(ask({ 'Auth-Method': 'cram-md5', 'Auth-User': '', 'Auth-Salt': '<1@x>', 'Auth-Pass': 'a'.repeat(32) }))).toBe(
      'rejected',
    );
  });

  it('rule 28: plain is read for every protocol, with and without TLS', () => {
    for (const protocol of ['imap', 'pop3', 'smtp']) {
      expect(attemptOf(ask({ 'Auth-Protocol': protocol }))).toMatchObject({ protocol, proof: { mechanism: 'plain' } });
    }
  });

  it('never repeats received bytes in the reason it logs', () => {
    const canary = 'canary-4711';
    const mechanisms = ['plain', 'apop', 'cram-md5', 'external', 'none', 'xoauth2', canary];
    for (const mechanism of mechanisms) {
      const names = [
        'Auth-User',
        'Auth-Pass',
        'Auth-Salt',
        'Auth-SMTP-From',
        'Auth-SMTP-To',
        'Auth-SSL-Cert',
        'Client-IP',
        'Auth-Protocol',
      ];
      for (const name of names) {
        const decoded = ask({ 'Auth-Method': mechanism, [name]: `${canary}%` });
        expect(decoded.kind === 'denied' ? decoded.why : '').not.toContain(canary);
      }
    }
  });
});

describe('decode: anything at all', () => {
  it('gives an attempt or a denial and never throws', () => {
    const name = fc.oneof(
      fc.constantFrom(...question().map(([one]) => one), 'Auth-SSL', 'Auth-SSL-Verify', 'Auth-SMTP-To', '__proto__'),
      fc.string(),
    );
    const value = fc.oneof(
      fc.constantFrom('none', 'external', 'smtp', 'on', 'SUCCESS', 'RCPT TO:<a@b>', '::1'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (headers) => {
        expect(['attempt', 'denied']).toContain(decode(headers, { trustedProxies: noProxies }).kind);
      }),
      { seed: 8, numRuns: 1_000 },
    );
  });
});
