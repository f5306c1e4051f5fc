import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, RawAttempt } from '@postern/auth-http';
import { SteppableClock } from '@postern/testkit';
import { Exchange } from '../../src/doors/exchange.js';
import { NginxDoor } from '../../src/doors/nginx-door.js';
import { capturedRequests } from './support/captured-requests.js';
import { DoorRoom, type DoorKind } from './support/door-room.js';
import { FakeAnswerer, placeEverybody } from './support/fake-answerer.js';
import { cut, Dice, mutate } from './support/mutations.js';
import { Peer } from './support/peer.js';
import { readReply } from './support/reply.js';

const conversations = 1500;
const atOnce = 40;

/** Now an answer, now a late one, now a bug. */
const moody =
  (dice: Dice) =>
  (attempt: RawAttempt): Promise<Answer> | Answer => {
    switch (dice.roll(6)) {
      case 0:
        return Promise.reject(new Error('a bug'));
      case 1:
        return new Promise((resolve) => setImmediate(() => resolve(placeEverybody(attempt))));
      case 2:
        return new Promise((resolve) => setTimeout(() => resolve(placeEverybody(attempt)), dice.roll(150)).unref());
      default:
        return placeEverybody(attempt);
    }
  };

const inParallel = async (count: number, run: (index: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

const tcp: DoorKind = {
  make: (parts) => new NginxDoor({ ...parts, addresses: [{ kind: 'tcp', host: '127.0.0.1', port: 0 }] }),
  connect: (address) => Peer.connect(address),
};

describe('the nginx door under broken input', () => {
  const answerer = new FakeAnswerer();
  // One door has all the time in the world, so that a slow machine changes no outcome; the other is in a hurry.
  const patient = new DoorRoom(tcp, { answerer, clock: new SteppableClock() });
  const hasty = new DoorRoom(tcp, { answerer, deadlineMs: 300 });

  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  /** The test runner's own, and what suites before this one in the same process left. */
  let before = 0;

  beforeAll(async () => {
    before = sockets();
    await patient.open();
    await hasty.open();
  });

  afterAll(async () => {
    await patient.close();
    await hasty.close();
  });

  const peer = (room = patient): Promise<Peer> => Peer.connect(room.door.address);

  it('rule 09, rule 58: mutated requests of a real nginx, in any pieces, end in one well-formed reply', async () => {
    const dice = new Dice(20_260_101);
    answerer.decide = moody(dice);
    await inParallel(conversations, async () => {
      const bytes = mutate(dice.pick(capturedRequests), dice);
      const pieces = cut(bytes, dice.pick([1, 1, 2, 5, 20]), dice);
      const reset = dice.roll(8) === 0;
      const here = await peer();
      await here.sendSlowly(pieces);
      if (reset) return here.reset();
      here.socket.end();
      const received = await here.receive();
      if (bytes.length > 0 || received.length > 0) readReply(received);
    });
    expect(answerer.refusals.length).toBeGreaterThan(conversations / 10);
    expect(answerer.attempts.length).toBeGreaterThan(conversations / 10);
  });

  it('rule 56: the same without a FIN, to a door in a hurry: one well-formed reply or a clean close', async () => {
    const dice = new Dice(20_260_102);
    answerer.decide = moody(dice);
    await inParallel(conversations / 5, async () => {
      const here = await peer(hasty);
      await here.sendSlowly(cut(mutate(dice.pick(capturedRequests), dice), dice.pick([1, 3]), dice));
      const received = await here.receive();
      if (received.length > 0) readReply(received);
    });
  });

  it('rule 02: a request cut in two at any byte is answered', async () => {
    answerer.decide = placeEverybody;
    const whole = [...capturedRequests].sort((one, other) => one.length - other.length)[0]!;
    await inParallel(whole.length - 1, async (index) => {
      const here = await peer();
      await here.sendSlowly([whole.subarray(0, index + 1)]);
      await new Promise((resolve) => setImmediate(resolve));
      await here.sendSlowly([whole.subarray(index + 1)]);
      expect(readReply(await here.receive()).status).toBe('OK');
    });
  });

  it('rule 10: a RST after any byte of a request harms nothing', async () => {
    answerer.decide = moody(new Dice(7));
    const whole = capturedRequests[0]!;
    await inParallel(whole.length + 1, async (index) => {
      const here = await peer();
      await here.sendSlowly([whole.subarray(0, index)]);
      here.reset();
    });
  });

  it('rule 09: a FIN after any byte of a request brings a reply', async () => {
    answerer.decide = placeEverybody;
    const whole = capturedRequests[0]!;
    await inParallel(whole.length + 1, async (index) => {
      const here = await peer();
      here.socket.end(whole.subarray(0, index));
      const received = await here.receive();
      if (index === 0) expect(received).toHaveLength(0);
      else expect([index, readReply(received).status === 'OK']).toEqual([index, index === whole.length]);
    });
  });

  it('rule 56: requests that drip, one byte at a time and never to the end, are denied at the deadline', async () => {
    await inParallel(atOnce, async () => {
      const here = await peer(hasty);
      here.send('GET / HTTP/1.0\r\nX: ');
      const drip = setInterval(() => here.socket.write(Buffer.from('a')), 5);
      readReply(await here.receive().finally(() => clearInterval(drip)));
    });
  });

  it('rule 10: when all is over, nothing of any conversation is left', async () => {
    await Promise.all([patient.door.close(0), hasty.door.close(0)]);
    while (sockets() > before) await new Promise((resolve) => setImmediate(resolve));
    expect(queryObjects(Exchange)).toBeLessThan(50);
  });
});
