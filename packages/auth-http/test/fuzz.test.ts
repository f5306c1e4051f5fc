import { describe, expect, it } from '@jest/globals';
import { protocols } from '@postern/contract';
import { askedOf, decode, defaultDenialRules, Encoder, HeadReader, KeyRing, toWire, type Answer, type Encoded } from '../src/index.js';
import { noProxies } from './support/ask.js';
import { capturedRequests } from './support/captured.js';
import { nginxReads } from './support/nginx.js';
import { flawsOf } from './support/well-formed.js';

const rounds = 12_000;

/** mulberry32: the same numbers in every run. */
const randomOf = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const seeds = capturedRequests
  .flatMap(({ requests }) => requests.map(({ base64 }) => Buffer.from(base64, 'base64')))
  .filter(({ length }) => length < 3_000);

const spice = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '%',
  '%0',
  '%00',
  ':',
  ' ',
  '\t',
  '\x7f',
  '\xff',
  'Auth-Status: OK\r\n',
  'Auth-Server: 6.6.6.6\r\n',
  'Auth-User: eve\r\n',
];
const more = [
  'Auth-Method: external\r\n',
  'Auth-SSL-Verify: SUCCESS\r\n',
  'Auth-SSL: on\r\n',
  '\r\n\r\n',
  'HTTP/1.0',
  'none',
  'smtp',
  'apop',
  '9'.repeat(40),
];
const pieces = [...spice, ...more].map((text) => Buffer.from(text, 'latin1'));

const mutate = (bytes: Buffer, random: (below: number) => number): Buffer => {
  const at = random(bytes.length + 1);
  const to = at + random(Math.min(40, bytes.length - at + 1));
  const other = seeds[random(seeds.length)] ?? bytes;
  switch (random(7)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), pieces[random(pieces.length)] ?? bytes, bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 4:
      return bytes.subarray(0, at);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length))]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random(300), random(256)), bytes.subarray(at)]);
  }
};

/** A gateway that lets everybody in whose question can be read: whatever is wrong must show before or after. */
const encoder = new Encoder(defaultDenialRules);
const ring = new KeyRing(['s3cret-key']);

const placedFor = (decoded: ReturnType<typeof decode>): Answer => {
  if (decoded.kind === 'denied') return decoded;
  const { attempt } = decoded;
  const proof = attempt.proof;
  const password = proof.mechanism === 'plain' ? { password: proof.password } : proof.mechanism === 'none' ? {} : { password: 'secret' };
  return { kind: 'placed', server: '10.0.0.1', port: 143, user: attempt.rawUser, ...password, asked: askedOf(attempt) };
};

const answer = (request: Buffer, random: (below: number) => number): Encoded | undefined => {
  const reader = new HeadReader(16_384);
  const cut = random(request.length + 1);
  reader.push(request.subarray(0, cut));
  reader.push(request.subarray(cut));
  const reading = reader.end();
  if (reading.kind === 'incomplete') return undefined;
  if (reading.kind === 'malformed') {
    const asked = reading.protocol === undefined ? {} : { protocol: reading.protocol };
    return encoder.encode({ kind: 'denied', denial: 'deferred', asked });
  }
  const { headers } = reading.head;
  const decoded = decode(headers, { trustedProxies: noProxies });
  return encoder.encode(ring.admits(headers) ? placedFor(decoded) : { kind: 'denied', denial: 'deferred', asked: {} });
};

describe('mutated requests', () => {
  it('rule 09, rule 43, rule 45: end in one well-formed reply, a success only as nginx would read it', () => {
    const random = randomOf(20_261_122);
    const sent = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      let request: Buffer = seeds[round % seeds.length] ?? Buffer.alloc(0);
      for (let times = random(5); times >= 0; times -= 1) request = mutate(request, random);
      const encoded = answer(request, random);
      const flaws = encoded === undefined ? [] : flawsOf(encoded);
      if (flaws.length > 0) throw new Error(`${flaws.join('; ')} for ${JSON.stringify(request.toString('latin1'))}`);
      const kind = encoded?.sent === 'placed' ? 'success' : 'failure';
      const read = encoded === undefined ? [] : protocols.map((protocol) => nginxReads(toWire(encoded.headers), protocol).kind);
      if (read.some((one) => one !== kind)) throw new Error(`not ${kind}: ${JSON.stringify(request.toString('latin1'))}`);
      sent.set(encoded?.sent ?? 'nothing', (sent.get(encoded?.sent ?? 'nothing') ?? 0) + 1);
    }
    for (const kind of ['placed', 'deferred', 'rejected', 'bad-address', 'nothing'])
      expect([kind, (sent.get(kind) ?? 0) > 10]).toEqual([kind, true]);
  });
});
