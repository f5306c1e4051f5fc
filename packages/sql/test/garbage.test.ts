import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Unreachable } from '@postern/sql';
import { ask, bound, never, open } from './support/open.js';

/** Beginnings that the drivers go on with. */
const openings = {
  postgres: [
    'R\0\0\0\u0008\0\0\0\0',
    'R\0\0\0\u000c\0\0\0\u0005',
    'R\0\0\0\u0017\0\0\0\u000aSCRAM-SHA-256\0\0',
    'S',
    'N',
    'E\0\0\0\u0008',
    'E\0\0\0\u0008SERR',
    'N\0\0\0\u0004',
    'T\0\0\0\u0006\uffff',
    'Z\0\0\0\u0005I',
    'D\0\0\0\u0006\0\u0009',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '* OK IMAP4rev1\r\n',
  ],
  mysql: [
    '\u0004\0\0\0\u000a5.7',
    '\u0001\0\0\u0002\0',
    'J\0\0\0\u000a8.0.36\0',
    '\u00ff\u00ff\u00ff\0',
    '\u0003\0\0\0\u00ff\u0010\u0004',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '+OK POP3\r\n',
    '\0\0\0\0',
  ],
} as const;

describe.each(['postgres', 'mysql'] as const)('a server that speaks anything but %s', (dialect) => {
  let server: Server;
  let say: readonly Buffer[] = [];

  beforeAll(async () => {
    // The driver complains on the console.
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      for (const piece of say) socket.write(piece);
      socket.on('data', () => {
        for (const piece of say) socket.write(piece);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives no answer, and is never the end of the process', async () => {
    const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    const words = fc.constantFrom(...openings[dialect]).map((text) => Buffer.from(text, 'latin1'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(words, noise), { maxLength: 6 }), fc.boolean(), async (pieces, tls) => {
        say = pieces;
        const { database, clock } = open(`${dialect}://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`, {
          connectTimeout: '30ms',
          timeout: '60ms',
          tls,
        });
        // Some of what is said here does let us in, and then says nothing that could be an answer.
        await database.start(never).catch((error: unknown) => expect(error).toBeInstanceOf(Unreachable));
        const asked = database.query(ask('select {a}', dialect), bound({ a: 'x' }), never);
        await expect(asked).rejects.toMatchObject({ name: expect.stringMatching(/^(?:Unreachable|TooLate|StatementFailed)$/) as unknown });
        await database.stop();
        expect(database.connections + clock.pending).toBe(0);
      }),
      { numRuns: 120 },
    );
  }, 120_000);
});
