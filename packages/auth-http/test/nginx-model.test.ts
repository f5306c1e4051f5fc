import { describe, expect, it } from '@jest/globals';
import { capturedResponses, type CapturedResponse } from './support/captured.js';
import { nginxReads, type Understood } from './support/nginx.js';

/** The answer never came, or the trouble lay behind nginx: not for a model of the head. */
const beyondTheHead = new Set(['no answer, closed at once', 'silent', 'backend refuses the connection']);

const internalErrors = ['* BAD internal server error\r\n', '-ERR internal server error\r\n', '451 4.3.2 Internal server error\r\n'];

const seenAs = (one: CapturedResponse): Understood['kind'] => {
  const { text } = one.client_saw;
  if (one.auth_requests > 1) return 'ask-again';
  if (internalErrors.includes(text)) return 'internal-error';
  return /^(\w+ OK|\+OK|2\d\d) /.test(text) ? 'success' : 'failure';
};

describe('the model of how nginx reads an answer', () => {
  for (const one of capturedResponses.filter(({ name }) => !beyondTheHead.has(name))) {
    it(`agrees with a real nginx: ${one.protocol}, ${one.name}`, () => {
      const mechanism = one.listener.includes('smtp_auth none') ? 'none' : one.name.includes('CRAM-MD5') ? 'cram-md5' : 'plain';
      const understood = nginxReads(Buffer.from(one.auth_response.base64, 'base64'), one.protocol, mechanism);
      expect(understood.kind).toBe(seenAs(one));
      if (understood.kind === 'failure') {
        expect(one.client_saw.text.replace(/^a /, '')).toBe(`${understood.clientReads}\r\n`);
        expect(one.connection).toBe(understood.waitSeconds > 0 ? 'open' : 'closed');
        expect(Math.round(one.seconds)).toBe(understood.waitSeconds);
      }
    });
  }

  it('lets an answer without Auth-Status in, and refuses an address as a name', () => {
    expect(nginxReads(Buffer.from('HTTP/1.0 200 OK\r\nAuth-Server: 10.0.0.1\r\nAuth-Port: 143\r\n\r\n'), 'imap').kind).toBe('success');
    expect(nginxReads(Buffer.from('HTTP/1.0 200 OK\r\nAuth-Status:\r\nAuth-Server: 10.0.0.1\r\nAuth-Port: 25\r\n\r\n'), 'smtp').kind).toBe(
      'success',
    );
    expect(nginxReads(Buffer.from('HTTP/1.0 200 OK\r\nX_Y: 1\r\nAuth-Status: OK\r\n\r\n'), 'imap').kind).toBe('internal-error');
  });
});
