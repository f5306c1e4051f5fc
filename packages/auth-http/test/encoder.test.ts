import { describe, expect, it } from '@jest/globals';
import { mechanisms, protocols } from '@postern/contract';
import { defaultDenialRules, Encoder, headBytes, toWire, type Answer, type Asked, type Encoded } from '../src/index.js';
import { utf8 } from './support/ask.js';
import { nginxReads } from './support/nginx.js';
import { flawsOf } from './support/well-formed.js';

const encoder = new Encoder(defaultDenialRules);
const imap: Asked = { protocol: 'imap', mechanism: 'plain', ordinal: 1 };

type Placed = Extract<Answer, { kind: 'placed' }>;

const placed = (changes: Partial<Placed> = {}): Encoded =>
  encoder.encode({ kind: 'placed', server: '10.0.0.11', port: 143, user: 'u@example.org', asked: imap, ...changes });

const textOf = (encoded: Encoded): string => toWire(encoded.headers).toString('latin1');

describe('Encoder: a success', () => {
  it('rule 43: is exactly this on the wire', () => {
    expect(textOf(placed())).toBe(
      'HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Server: 10.0.0.11\r\nAuth-Port: 143\r\nAuth-User: u@example.org\r\n\r\n',
    );
    const all = placed({ server: '2001:db8::1', port: 65_535, password: 'pw' });
    expect(textOf(all)).toBe(
      'HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Server: 2001:db8::1\r\nAuth-Port: 65535\r\nAuth-User: u@example.org\r\nAuth-Pass: pw\r\n\r\n',
    );
    expect(all).toMatchObject({ sent: 'placed' });
    expect(all).not.toHaveProperty('why');
  });

  it('is understood by nginx as the success it means, for every protocol and mechanism', () => {
    for (const protocol of protocols) {
      for (const mechanism of mechanisms) {
        if (mechanism === 'none' && protocol !== 'smtp') continue;
        const encoded = placed({ asked: { protocol, mechanism, ordinal: 12 }, password: 'pä ss%20', user: 'ü@x' });
        expect(flawsOf(encoded)).toEqual([]);
        const credentials = mechanism === 'none' ? {} : { user: utf8('ü@x'), password: utf8('pä ss%20') };
        expect(nginxReads(toWire(encoded.headers), protocol, mechanism)).toEqual({
          kind: 'success',
          server: '10.0.0.11',
          port: 143,
          ...credentials,
        });
      }
    }
  });

  it('rule 32: without a password is denied where nginx would have none, or a stale one', () => {
    for (const protocol of protocols) {
      for (const mechanism of ['apop', 'cram-md5', 'external'] as const) {
        const encoded = placed({ asked: { protocol, mechanism, ordinal: 1 } });
        expect([protocol, mechanism, encoded.sent]).toEqual([protocol, mechanism, protocol === 'smtp' ? 'placed' : 'deferred']);
        expect(placed({ asked: { protocol, mechanism, ordinal: 1 }, password: 'x' }).sent).toBe('placed');
      }
      expect(placed({ asked: { protocol, mechanism: 'plain', ordinal: 1 } }).sent).toBe('placed');
    }
  });

  it('rule 34: of a certificate never leaves the login that was typed to stand', () => {
    const answer: Answer = { kind: 'placed', server: '10.0.0.1', port: 25, asked: { protocol: 'smtp', mechanism: 'external', ordinal: 1 } };
    expect(encoder.encode(answer).sent).toBe('deferred');
    expect(encoder.encode({ ...answer, user: 'bob' }).sent).toBe('placed');
  });

  it('rule 35: of SMTP without a login carries no credentials, which would make it one', () => {
    const encoded = placed({ asked: { protocol: 'smtp', mechanism: 'none', ordinal: 1 }, user: 'a@b', password: 'x' });
    expect(encoded.headers.map(([name]) => name)).toEqual(['Auth-Status', 'Auth-Server', 'Auth-Port']);
    expect(placed({ asked: { protocol: 'imap', mechanism: 'none', ordinal: 1 } }).sent).toBe('deferred');
  });

  it('rule 46: is denied where the address is no plain address of one host', () => {
    const good: Readonly<Record<string, string>> = {
      '10.0.0.11': '10.0.0.11',
      '::1': '::1',
      '2001:DB8::1': '2001:db8::1',
      '::ffff:10.0.0.1': '10.0.0.1',
      '223.255.255.255': '223.255.255.255',
      '240.0.0.1': '240.0.0.1',
    };
    for (const [server, said] of Object.entries(good)) expect(placed({ server }).headers).toContainEqual(['Auth-Server', said]);
    const names = [
      '',
      'localhost',
      'mail.example.org',
      '[::1]',
      '10.0.0.1:143',
      'unix:/x',
      'unix:',
      'fe80::1%eth0',
      ' 10.0.0.1',
      '10.0.0.1 ',
    ];
    const forms = ['127.1', '010.0.0.1', '0x7f000001', '2130706433', '10.0.0.1\r\nAuth-Status: OK', '10.0.0.1\0', '10.0.0.1\n'];
    const nowhere = [
      '0.0.0.0',
      '::',
      '0:0::0',
      '255.255.255.255',
      '224.0.0.1',
      '239.1.2.3',
      'ff02::1',
      'FF0E::1',
      '::ffff:0.0.0.0',
      '::ffff:e000:1',
    ];
    for (const server of [...names, ...forms, ...nowhere]) {
      expect([server, placed({ server })]).toEqual([
        server,
        expect.objectContaining({ sent: 'deferred', why: 'the backend address is not a plain IP address' }),
      ]);
    }
  });

  it('rule 47: is denied where the port is no port', () => {
    for (const port of [0, -1, 65_536, 143.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21]) expect(placed({ port }).sent).toBe('deferred');
    for (const port of ['143', null, undefined, [143], { valueOf: () => 143 }]) {
      expect(placed({ port: port as number }).sent).toBe('deferred');
    }
    expect(placed({ port: 1 }).headers).toContainEqual(['Auth-Port', '1']);
  });

  it('rule 48: is denied where a login or password cannot be said in a header', () => {
    const unsayable = [
      '',
      ' ',
      ' a',
      'a ',
      'a\r\nAuth-Server: 6.6.6.6',
      'a\rb',
      'a\nb',
      'a\0b',
      '\ta',
      'a\t',
      'a\tb',
      'a\x01',
      'a\x1f',
      'a\x7f',
      '\ud800',
      'a\udc00b',
    ];
    for (const text of unsayable) {
      expect([text, placed({ user: text }).sent]).toEqual([text, 'deferred']);
      expect([text, placed({ password: text }).sent]).toEqual([text, 'deferred']);
    }
    for (const text of ['a b', '%20', 'a=b', '!', '~', '\u00a0x\u00a0', '"', "'", '__proto__', 'OK']) {
      expect([text, placed({ user: text, password: text }).sent]).toEqual([text, 'placed']);
    }
    expect(JSON.stringify(placed({ password: 'canary-4711\n' }))).not.toContain('canary');
  });

  it('rule 49: says what is not ASCII in its UTF-8 bytes, once', () => {
    const wire = toWire(placed({ user: 'jürgen@exämple.org', password: 'пароль😀' }).headers);
    expect(wire.includes(Buffer.from('Auth-User: jürgen@exämple.org\r\nAuth-Pass: пароль😀\r\n\r\n', 'utf8'))).toBe(true);
  });

  it('rule 40: fits 1024 bytes to the last, and is denied one byte later', () => {
    const rest = headBytes(placed({ user: 'u', password: 'p' }).headers) - 1;
    const exact = placed({ user: 'u', password: 'p'.repeat(1_024 - rest) });
    expect([exact.sent, toWire(exact.headers).length]).toEqual(['placed', 1_024]);
    expect(placed({ user: 'u', password: 'p'.repeat(1_025 - rest) })).toMatchObject({
      sent: 'deferred',
      why: 'the reply is longer than 1024 bytes',
    });
    expect(placed({ user: 'u', password: `ä${'p'.repeat(1_022 - rest)}` }).sent).toBe('placed');
    expect(placed({ user: 'u', password: `ä${'p'.repeat(1_023 - rest)}` }).sent).toBe('deferred');
  });

  it('rule 40: keeps to a smaller budget where somebody adds headers of their own', () => {
    const small = new Encoder(defaultDenialRules, 768);
    const answer = (length: number): Answer => ({ kind: 'placed', server: '10.0.0.1', port: 143, user: 'u'.repeat(length), asked: imap });
    for (let length = 600; length < 800; length += 1) {
      const encoded = small.encode(answer(length));
      expect(flawsOf(encoded, 768)).toEqual([]);
      expect(encoded.sent).toBe(headBytes(placed({ server: '10.0.0.1', user: 'u'.repeat(length) }).headers) <= 768 ? 'placed' : 'deferred');
    }
    for (const budget of [0, 383, 1_025, 1e9, Number.NaN, 700.5]) expect(() => new Encoder(defaultDenialRules, budget)).toThrow(RangeError);
  });
});
