import { describe, expect, it } from '@jest/globals';
import type { DoorSuite } from './door-suite.js';
import { readDenial, readReply } from './reply.js';
import { login, plainLogin, request, requestOf, type Field } from './request.js';

const everyByte = (from: number, to: number): string =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, index) => from + index));

const bytesOf = (buffer: Buffer): Buffer[] => [...buffer].map((byte) => Buffer.of(byte));

const recipient = (to: string): Buffer =>
  request({
    fields: [
      ['Auth-Method', 'none'],
      ['Auth-User', ''],
      ['Auth-Pass', ''],
      ['Auth-Protocol', 'smtp'],
      ['Auth-SMTP-Helo', 'mail.example.net'],
      ['Auth-SMTP-From', 'MAIL FROM:<a@example.net>'],
      ['Auth-SMTP-To', to],
    ],
  });

/** What comes in: whole, in pieces, broken, hostile. */
export const describeRequests = ({ open, deviations }: DoorSuite): void => {
  describe('requests', () => {
    it.each(['/', '/auth', '/auth/x?server=submission', '/%zz/%00', '//a/../b#c', `/${'a'.repeat(4000)}`])(
      'rule 01: a GET of %s is answered with exactly one response, then the connection is closed',
      async (target) => {
        const { status } = await (await open()).ask(request({ target }));
        expect(status).toBe('OK');
      },
    );

    it('rule 02: a request is answered that comes one byte per segment', async () => {
      const here = await open();
      const reply = readReply(await here.say(...bytesOf(login)));
      expect(reply.status).toBe('OK');
      expect(here.answerer.questions).toHaveLength(1);
    });

    it('rule 02, rule 04: a request of 64 KiB is answered that comes in one segment', async () => {
      const here = await open();
      const padding = 'x'.repeat(65_536 - request({ fields: [['X-Padding', '']] }).length);
      const asked = request({ fields: [['X-Padding', padding]] });
      expect(asked).toHaveLength(65_536);
      expect((await here.ask(asked)).status).toBe('OK');
    });

    it('rule 04: a password of 100 KB arrives whole, a head over the limit is denied', async () => {
      const here = await open();
      expect((await here.ask(request({ fields: [['X-Long', 'y'.repeat(100_000)]] }))).status).toBe('OK');
      readDenial(await here.say(request({ fields: [['X-Long', 'y'.repeat(140_000)]] })));
      expect(here.answerer.questions).toHaveLength(1);
    });

    it('rule 03: a body is neither waited for nor read, and no interim response is sent', async () => {
      const here = await open();
      const fields: Field[] = [
        ['Content-Length', '1000'],
        ['Expect', '100-continue'],
      ];
      expect((await here.ask(request({ version: '1.1', fields }))).status).toBe('OK');
      expect(
        (
          await here.ask(
            request({
              version: '1.1',
              fields: [
                ['Expect', 'a miracle'],
                ['Connection', 'close'],
              ],
            }),
          )
        ).status,
      ).toBe('OK');
    });

    it('rule 03: what follows the head changes nothing', async () => {
      const here = await open();
      const asked = request({ fields: [['Content-Length', '300000']] });
      expect(readReply(await here.say(asked, Buffer.alloc(300_000, 'GET /auth HTTP/1.0\r\n\r\n'))).status).toBe('OK');
      expect(here.answerer.questions).toHaveLength(1);
    });

    it.each<[behind: string, version: string, fields: Field[], body: string]>([
      ['a body in chunks', '1.1', [['Transfer-Encoding', 'chunked']], '0\r\n\r\n'],
      ['an empty body', '1.1', [['Content-Length', '00']], ''],
      ['a question that closes the connection', '1.1', [['Connection', 'close']], ''],
      ['a question of HTTP/1.0', '1.0', [], ''],
    ])('rule 03: what follows %s is no question', async (_behind, version, fields, body) => {
      const here = await open();
      const said = await here.say(Buffer.concat([request({ version, fields }), Buffer.from(body), request({ version })]));
      expect(readReply(said).status).toBe('OK');
      expect(here.answerer.questions).toHaveLength(1);
    });

    it('rule 05: header names are read in any case and any order', async () => {
      const here = await open();
      const shuffled = [...plainLogin]
        .reverse()
        .map(([header, value], index): Field => [index % 2 ? header.toUpperCase() : header.toLowerCase(), value]);
      expect((await here.ask(requestOf(shuffled))).status).toBe('OK');
      expect(here.answerer.attempts).toMatchObject([{ rawUser: 'u0001@example.org', protocol: 'imap' }]);
    });

    it('rule 06: bytes 7F to FF arrive as they were sent', async () => {
      const here = await open();
      const password = `!${everyByte(0x7f, 0xff)}!`;
      await here.ask(request({ fields: [['Auth-Pass', password]] }));
      expect(Buffer.from(here.answerer.attempts[0]!.proof.mechanism === 'plain' ? here.answerer.attempts[0]!.proof.bytes : [])).toEqual(
        Buffer.from(password, 'latin1'),
      );
    });

    it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 23, 27, 31, 127])(
      'rule 07: an SMTP recipient with the raw byte %d is denied and the door goes on',
      async (byte) => {
        const here = await open();
        readReply(await here.say(recipient(`RCPT TO:<x${String.fromCharCode(byte)}y@example.org>`)));
        expect(here.answerer.attempts).toHaveLength(0);
        expect((await here.ask(login)).status).toBe('OK');
      },
    );

    it.each(['Auth-User', 'auth-pass', 'AUTH-METHOD', 'Auth-Protocol', 'Client-IP', 'Auth-SSL', 'Proxy-Protocol-Addr'])(
      'rule 08: a second %s is denied, however far behind the first it stands',
      async (header) => {
        const here = await open();
        const first: Field[] = [
          ['Auth-SSL', 'on'],
          ['Proxy-Protocol-Addr', '192.0.2.1'],
        ];
        const filler = Array.from({ length: 2500 }, (_, index): Field => [`X-${index}`, '']);
        readDenial(await here.say(requestOf([...plainLogin, ...first, ...filler, [header, 'on']])));
        expect(here.answerer.attempts).toHaveLength(0);
      },
    );

    it.each([
      ['bytes of a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
      ['no request line', '\r\nhello\r\n\r\n'],
      ['NUL bytes', '\0\0\0\0\r\n\r\n'],
      ['HTTP/0.9', 'GET /auth\r\n\r\n'],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['an unknown version', 'GET /auth HTTP/9.7\r\n\r\n'],
      ['another protocol', 'EHLO example.org\r\n\r\n'],
      ['no blank between header and value end', 'GET /auth HTTP/1.0\r\nAuth-Method\r\n\r\n'],
      ['no headers', 'GET /auth HTTP/1.0\r\n\r\n'],
    ])('rule 09: %s is answered with a denial', async (_what, bytes) => {
      const here = await open();
      readDenial(await here.say(bytes));
      expect(here.answerer.attempts).toHaveLength(0);
    });

    it('rule 09: half a head and FIN is answered with a denial', async () => {
      if (deviations.noHalfClose) return;
      const here = await open();
      const peer = await here.peer();
      await peer.sendSlowly([login.subarray(0, -1)]);
      peer.socket.end();
      readDenial(await peer.receive());
    });

    it('rule 01: a peer that half-closes after its request is answered', async () => {
      if (deviations.noHalfClose) return;
      const here = await open();
      const peer = await here.peer();
      peer.socket.end(login);
      expect(readReply(await peer.receive()).status).toBe('OK');
    });

    it('rule 11: a target without a slash follows the one rule of the door, and so does any method', async () => {
      const here = await open();
      for (const target of ['?x=1', 'auth', '*']) {
        const reply = await here.ask(request({ target }));
        expect([target, reply.status === 'OK']).toEqual([target, deviations.deniesBareTargets !== true || target === '*']);
      }
      for (const method of ['POST', 'HEAD', 'OPTIONS', 'PUT', 'CONNECT', 'TRACE', 'get', 'BREW']) {
        readDenial(await here.say(request({ method })));
      }
    });
  });
};
