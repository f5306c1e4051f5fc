import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PostgresFrames } from '../src/dialects/postgres-frames.js';

const message = (code: string, body: string | Uint8Array, length = Buffer.from(body).length + 4): Buffer => {
  const header = Buffer.alloc(5);
  header.write(code, 'latin1');
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, Buffer.from(body)]);
};

const take = (...chunks: readonly Uint8Array[]) => {
  const frames = new PostgresFrames();
  return (): void => chunks.forEach((chunk) => frames.take(chunk));
};

describe('what a PostgreSQL server sends', () => {
  const field = fc.tuple(fc.constantFrom('S', 'V', 'C', 'M', 'D'), fc.stringMatching(/^[^\0]*$/)).map(([type, text]) => `${type}${text}\0`);
  const fields = fc.array(field, { maxLength: 4 }).map((all) => `${all.join('')}\0`);
  const messages = fc.oneof(
    fc.tuple(fc.constantFrom('E', 'N'), fields).map(([code, body]) => message(code, body)),
    fc.tuple(fc.constantFrom('D', 'Z', 'T', 'R'), fc.uint8Array({ maxLength: 300 })).map(([code, body]) => message(code, body)),
  );

  it('passes, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(messages), fc.array(fc.nat(40)), (all, cuts) => {
        let rest: Uint8Array = Buffer.concat(all);
        const chunks = cuts.map((length) => {
          const chunk = rest.subarray(0, length);
          rest = rest.subarray(length);
          return chunk;
        });
        expect(take(...chunks, rest)).not.toThrow();
      }),
    );
  });

  it('does not pass when an error or a notice lacks its end: the driver would look for it for ever', () => {
    const unfinished = ['', 'SERROR', 'SERROR\0', 'S\0', 'SERROR\0MIt is late\0\u0001'];
    for (const body of unfinished) {
      for (const code of ['E', 'N']) {
        const bytes = message(code, body);
        expect(take(bytes)).toThrow(/does not end/);
        expect(take(...[...bytes].map((byte) => Uint8Array.of(byte)))).toThrow(/does not end/);
        expect(take(message('D', 'SERROR\0\0'), bytes, message('Z', 'I'))).toThrow(/does not end/);
      }
      expect(take(message('D', body))).not.toThrow();
    }
  });

  it('does not pass when its length cannot be: nobody should wait for the rest', () => {
    expect(take(message('Z', '', 3))).toThrow(/length/);
    expect(take(message('Z', '', 30_001))).toThrow(/length/);
    expect(take(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toThrow(/length/);
    expect(take(message('D', '', 50_000_000))).not.toThrow();
  });
});
