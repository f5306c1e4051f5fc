import { describe, expect, it } from '@jest/globals';
import { denialKinds, Encoder, defaultDenialRules, toWire } from '@postern/auth-http';
import { protocols } from '@postern/contract';
import fc from 'fast-check';
import { readReply } from '../../src/cli/doctor/door-reply.js';

const ok = 'HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Server: 10.0.0.11\r\nAuth-Port: 143\r\n';

describe('the reader of a door’s answers', () => {
  it('reads where somebody is sent', () => {
    expect(readReply(`${ok}\r\n`, 'imap')).toEqual({ kind: 'placed', server: '10.0.0.11', port: 143 });
    expect(readReply(`${ok}Auth-User: anna@example.org\r\n\r\nleft over`, 'imap')).toMatchObject({ user: 'anna@example.org' });
  });

  it('knows every denial that a gateway of this version gives, in every protocol', () => {
    for (const protocol of protocols) {
      for (const denial of denialKinds) {
        const { headers } = new Encoder(defaultDenialRules).encode({ kind: 'denied', denial, asked: { protocol } });
        const reply = readReply(toWire(headers).toString('latin1'), protocol);
        // Two kinds may share their words; what matters is whether it is an outage.
        expect(reply).toMatchObject({ kind: 'denied' });
        if (reply.kind === 'denied') expect(reply.denial === 'deferred').toBe(denial === 'deferred');
      }
    }
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'no HTTP'],
    ['nothing', '', 'no HTTP'],
    ['half a head', ok, 'breaks off'],
    ['no Auth-Status', 'HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\n<html>', 'has no Auth-Status'],
    ['two of them', `${ok}Auth-Status: Invalid user name or password\r\n\r\n`, 'more than one Auth-Status'],
    ['a host name', ok.replace('10.0.0.11', 'mail.example.org') + '\r\n', 'without an IP address'],
    ['an address that is no host', ok.replace('10.0.0.11', '0.0.0.0') + '\r\n', 'without an IP address'],
    ['no port', ok.replace('143', '0143') + '\r\n', 'without a port'],
    ['a port too high', ok.replace('143', '65536') + '\r\n', 'without a port'],
    ['more than nginx reads', `${ok}X-Long: ${'x'.repeat(1000)}\r\n\r\n`, 'nginx reads 1024'],
    ['a denial that says where', 'HTTP/1.0 200 OK\r\nAuth-Status: no\r\nAuth-Server: 10.0.0.1\r\n\r\n', 'auth-server all the same'],
    ['words of somebody else', 'HTTP/1.0 200 OK\r\nAuth-Status: Go away\r\n\r\n', 'words that this version does not have'],
    ['a status in lower case', 'HTTP/1.0 200 OK\r\nAuth-Status: ok\r\n\r\n', 'words that this version does not have'],
  ])('does not take %s for an answer', (_what, head, why) => {
    expect(readReply(head, 'imap')).toMatchObject({ kind: 'odd', why: expect.stringContaining(why) });
  });

  it('makes something of any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 2000 }).map((some) => Buffer.from(some).toString('latin1'));
    const parts = fc
      .array(fc.constantFrom('HTTP/1.0 200', '\r\n', 'Auth-Status: ', 'OK', 'Auth-Server: ', '10.0.0.1', '\r\n\r\n', ':'))
      .map((some) => some.join(''));
    fc.assert(
      fc.property(fc.oneof(bytes, parts), fc.constantFrom(...protocols), (head, protocol) => {
        expect(['placed', 'denied', 'odd']).toContain(readReply(head, protocol).kind);
      }),
    );
  });
});
