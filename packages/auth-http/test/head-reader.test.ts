import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HeadReader, maxHeadBytes, type HeadReading, type RequestHead } from '../src/index.js';
import { capturedRequests, requestsOf } from './support/captured.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const read = (text: string): HeadReading => new HeadReader().push(bytes(text));

const headOf = (reading: HeadReading): RequestHead => {
  if (reading.kind !== 'complete') throw new Error(`not complete: ${JSON.stringify(reading)}`);
  return reading.head;
};

/** Pushes parts of the given sizes (the last one repeats) and gives the last reading. */
const readInParts = (whole: Buffer, sizes: readonly number[], reader = new HeadReader()): HeadReading => {
  let reading: HeadReading = { kind: 'incomplete' };
  for (let at = 0, part = 0; at < whole.length && reading.kind === 'incomplete'; part += 1) {
    const size = sizes[Math.min(part, sizes.length - 1)] ?? 1;
    reading = reader.push(whole.subarray(at, at + size));
    at += size;
  }
  return reading;
};

const allRequests = capturedRequests.flatMap(({ requests }) => requests.map(({ base64 }) => Buffer.from(base64, 'base64')));

describe('HeadReader', () => {
  it('rule 01: reads GET of any path, HTTP/1.0 and 1.1', () => {
    for (const target of ['/', '/auth', '/auth/x?y=1', '/a b', '/%41', '/\xc3\xa9', 'auth']) {
      expect(headOf(read(`GET ${target} HTTP/1.0\r\nHost: x\r\n\r\n`)).target).toBe(target);
    }
    expect(headOf(read('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))).toEqual({ method: 'GET', target: '/', headers: [['Host', 'x']] });
  });

  it('rule 02: reads every captured request alike in one piece, byte by byte and cut at every byte', () => {
    expect(allRequests.length).toBeGreaterThan(60);
    const otherwise: string[] = [];
    for (const request of allRequests) {
      const whole = JSON.stringify(headOf(new HeadReader().push(request)));
      const step = request.length > 2_000 ? 97 : 1;
      const cuts = Array.from({ length: Math.ceil(request.length / step) }, (_, index) => [1 + index * step, request.length]);
      const readings = [[1], ...cuts].map((sizes) => JSON.stringify(headOf(readInParts(request, sizes))));
      otherwise.push(...readings.filter((reading) => reading !== whole));
    }
    expect(otherwise).toEqual([]);
  });

  it('rule 02: reads a request of 64 KiB in one piece, and copies each byte of a drip a bounded number of times', () => {
    const big = bytes(`GET / HTTP/1.0\r\nAuth-Pass: ${'x'.repeat(65_536)}\r\n\r\n`);
    expect(headOf(new HeadReader().push(big)).headers[0]?.[1]).toHaveLength(65_536);
    let copied = 0;
    const counting = Object.assign(Buffer.from('x'), {
      copy(target: Buffer, start: number): number {
        copied += 1;
        target[start] = 120;
        return 1;
      },
    });
    const reader = new HeadReader();
    for (let at = 0; at < 100_000; at += 1) reader.push(counting);
    expect(copied).toBe(100_000);
  });

  it('rule 03: never waits for a body: what follows the head is not looked at', () => {
    const head = 'GET / HTTP/1.0\r\nContent-Length: 10\r\nA: b\r\n\r\n';
    const body = 'GET /second HTTP/1.0\r\nAuth-Status: OK\r\n\r\n';
    const expected = headOf(read(head));
    expect(headOf(read(head + body))).toEqual(expected);
    expect(headOf(readInParts(bytes(head + body), [20, 500]))).toEqual(expected);
    const reader = new HeadReader();
    reader.push(bytes(head));
    expect(reader.push(bytes(body))).toEqual({ kind: 'complete', head: expected });
    expect(headOf(reader.end())).toEqual(expected);
  });

  it('rule 04: reads heads up to the limit, and says that a longer one is malformed', () => {
    const sized = (size: number): Buffer => bytes(`GET / HTTP/1.0\r\nA: ${'x'.repeat(size - 23)}\r\n\r\n`);
    expect(sized(100)).toHaveLength(100);
    for (const size of [18_212, 65_536, maxHeadBytes]) {
      expect(new HeadReader().push(sized(size)).kind).toBe('complete');
      expect(readInParts(sized(size), [1_000]).kind).toBe('complete');
    }
    for (const parts of [[200_000], [1_000], [maxHeadBytes, 1]]) {
      const reading = readInParts(sized(maxHeadBytes + 1), parts);
      expect(reading).toMatchObject({ kind: 'malformed', why: 'the head is longer than 131072 bytes' });
    }
    expect(new HeadReader().push(Buffer.concat([sized(100), Buffer.alloc(200_000)])).kind).toBe('complete');
  });

  it('rule 04: gives up at the limit and not later, however long the drip goes on', () => {
    const reader = new HeadReader(1_000);
    let pushed = 0;
    while (reader.push(bytes('x')).kind === 'incomplete') pushed += 1;
    expect(pushed).toBe(1_000);
    expect(reader.push(bytes('\r\n\r\n')).kind).toBe('malformed');
  });

  it('rule 05: keeps names as they were sent, in their order', () => {
    expect(headOf(read('GET / HTTP/1.0\r\nauth-user: a\r\nAUTH-USER: b\r\nX_y.z: c\r\n\r\n')).headers).toEqual([
      ['auth-user', 'a'],
      ['AUTH-USER', 'b'],
      ['X_y.z', 'c'],
    ]);
  });

  it('rule 06: keeps every byte but CR and LF in a value, A0 and 7F and NUL at the edges too', () => {
    const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).filter((one) => one !== '\r' && one !== '\n');
    for (const one of all) {
      const expected = one === ' ' || one === '\t' ? '' : one;
      expect(headOf(read(`GET / HTTP/1.0\r\nA: ${one}\r\nB: x${one}y\r\n\r\n`)).headers).toEqual([
        ['A', expected],
        ['B', `x${one}y`],
      ]);
    }
    expect(headOf(read(`GET / HTTP/1.0\r\nA:${all.slice(33).join('')}\r\n\r\n`)).headers[0]?.[1]).toBe(all.slice(33).join(''));
  });

  it('rule 07: NUL and control bytes in an SMTP envelope are read like any other byte', () => {
    const line = 'MAIL FROM:<\0\x01\x1f\x7f@x>';
    expect(headOf(read(`GET / HTTP/1.0\r\nAuth-SMTP-From: ${line}\r\n\r\n`)).headers).toEqual([['Auth-SMTP-From', line]]);
  });

  it('reads lines that end with LF only, also mixed with CRLF', () => {
    const expected = headOf(read('GET /a HTTP/1.0\r\nA: 1\r\nB: 2\r\n\r\n'));
    for (const text of ['GET /a HTTP/1.0\nA: 1\nB: 2\n\n', 'GET /a HTTP/1.0\r\nA: 1\nB: 2\r\n\n', 'GET /a HTTP/1.0\nA: 1\r\nB: 2\n\r\n']) {
      expect(headOf(read(text))).toEqual(expected);
      expect(headOf(readInParts(bytes(text), [1]))).toEqual(expected);
    }
  });

  it('strips spaces and tabs around a value and nothing else', () => {
    const head = headOf(read('GET / HTTP/1.0\r\nA: \t b c \t \r\nB:\r\nC:   \r\nD:x\r\nE: \xa0x\xa0\r\n\r\n'));
    expect(head.headers).toEqual([
      ['A', 'b c'],
      ['B', ''],
      ['C', ''],
      ['D', 'x'],
      ['E', '\xa0x\xa0'],
    ]);
  });

  it('rule 09: what is no such request is malformed, whole or in parts, and never complete', () => {
    const broken = [
      '\r\n\r\n',
      '\n',
      'hello\r\n\r\n',
      'POST / HTTP/1.0\r\n\r\n',
      'HEAD / HTTP/1.0\r\n\r\n',
      'get / HTTP/1.0\r\n\r\n',
      'GET /\r\n\r\n',
      'GET  HTTP/1.0\r\n\r\n',
      'GET / HTTP/2.0\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET / HTTP/1.0 \r\n\r\n',
      'GET /\x01 HTTP/1.0\r\n\r\n',
      'GET /\r HTTP/1.0\r\n\r\n',
      '\r\nGET / HTTP/1.0\r\n\r\n',
      'GET / HTTP/1.0\r\nno colon\r\n\r\n',
      'GET / HTTP/1.0\r\nno colon\r\nA: b\r\n\r\n',
      'GET / HTTP/1.0\r\n: x\r\n\r\n',
      'GET / HTTP/1.0\r\nA : x\r\n\r\n',
      'GET / HTTP/1.0\r\nA\t: x\r\n\r\n',
      'GET / HTTP/1.0\r\nA\0: x\r\n\r\n',
      'GET / HTTP/1.0\r\nA\x80: x\r\n\r\n',
      'GET / HTTP/1.0\r\nA: x\r\n folded\r\n\r\n',
      'GET / HTTP/1.0\r\n A: x\r\n\r\n',
      'GET / HTTP/1.0\r\nA: x\ry\r\n\r\n',
      'GET / HTTP/1.0\r\nA: x\r\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\r\n\r\n',
      '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\n\n',
    ];
    for (const text of broken) {
      expect([text, read(text).kind]).toEqual([text, 'malformed']);
      expect([text, readInParts(bytes(text), [1]).kind]).toEqual([text, 'malformed']);
    }
  });

  it('rule 09: says which protocol a broken head speaks of, so that the denial has the right words', () => {
    expect(read('GET / HTTP/1.0\r\nAuth-Protocol: imap\r\nbroken\r\n\r\n')).toMatchObject({ kind: 'malformed', protocol: 'imap' });
    expect(read('FOO\nauth-protocol:pop3\n\n')).toMatchObject({ kind: 'malformed', protocol: 'pop3' });
    expect(read('GET / HTTP/1.0\r\nAuth-Protocol: imaps\r\nbroken\r\n\r\n')).not.toHaveProperty('protocol');
    expect(read('GET / HTTP/1.0\r\nX-Auth-Protocol: smtp\r\nbroken\r\n\r\n')).not.toHaveProperty('protocol');
    const long = bytes(`GET / HTTP/1.0\r\nAuth-Protocol: smtp\r\nA: ${'x'.repeat(maxHeadBytes)}`);
    expect(new HeadReader().push(long)).toMatchObject({ kind: 'malformed', protocol: 'smtp' });
  });

  it('rule 10: a peer that stops in the middle leaves a malformed head, one that never spoke leaves nothing', () => {
    const [request] = requestsOf('IMAP LOGIN, atoms');
    for (let cut = 1; cut < request!.length; cut += 1) {
      const reader = new HeadReader();
      expect(reader.push(request!.subarray(0, cut)).kind).toBe('incomplete');
      expect(reader.end()).toMatchObject({ kind: 'malformed', why: 'the connection ended in the middle of the head' });
      expect(reader.push(request!).kind).toBe('malformed');
    }
    expect(new HeadReader().end()).toEqual({ kind: 'incomplete' });
    const sniffed = new HeadReader();
    sniffed.push(request!.subarray(0, request!.length - 3));
    expect(sniffed.end()).toMatchObject({ protocol: 'imap' });
  });

  it('rule 11: a target without a slash or of unknown path is read like any other', () => {
    for (const target of ['?x=1', '/nowhere', '*', 'http://127.0.0.1/auth']) {
      expect(headOf(read(`GET ${target} HTTP/1.0\r\n\r\n`))).toEqual({ method: 'GET', target, headers: [] });
    }
  });

  it('keeps nothing of the chunk it was given: the sender may reuse the memory', () => {
    const chunk = bytes('GET / HTTP/1.0\r\nA: b');
    const reader = new HeadReader();
    reader.push(chunk);
    chunk.fill(0);
    expect(headOf(reader.push(bytes('c\r\n\r\n'))).headers).toEqual([['A', 'bc']]);
  });

  it('gives the same reading however any bytes are cut', () => {
    const pieces = fc.constantFrom('GET / HTTP/1.0', '\r\n', '\n', '\r', 'A: b', 'Auth-Protocol: imap', ':', ' ', '\0', '\xff', 'x');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (parts, sizes) => {
        const whole = bytes(parts.join(''));
        expect(readInParts(whole, sizes)).toEqual(new HeadReader().push(whole));
      }),
      { seed: 2, numRuns: 2_000 },
    );
  });
});
