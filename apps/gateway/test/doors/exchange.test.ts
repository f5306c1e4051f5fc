import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { Asking } from '../../src/doors/asking.js';
import { Exchange } from '../../src/doors/exchange.js';
import { Sweep } from '../../src/doors/sweep.js';
import { Turn } from '../../src/doors/turn.js';
import { FakeAnswerer } from './support/fake-answerer.js';
import { readDenial, readReply } from './support/reply.js';
import { login } from './support/request.js';

/** Counts what reaches the system. */
class FakeSocket extends Duplex {
  readonly writes: Buffer[] = [];
  fins = 0;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    // Pushed by the test.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.fins += 1;
    done();
  }
}

const begin = () => {
  const clock = new SteppableClock();
  const answerer = new FakeAnswerer();
  const open = new Sweep<Exchange>(clock, 100);
  const asking = new Asking(answerer, 'nginx', new CapturedLog());
  const socket = new FakeSocket();
  const exchange = new Exchange(
    socket as unknown as Socket,
    { asking, clock, open, turn: new Turn(asking.broke), headBytes: 1000, lingerMs: 500 },
    5000,
  );
  return { clock, answerer, open, socket, exchange };
};

/** Some turns of the event loop, in which no time passes: questions are answered at the end of the turn in which they came. */
const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await setImmediate();
};

describe('one exchange at the nginx door', () => {
  it('rule 54: makes exactly one write, after which the connection ends', async () => {
    const { socket } = begin();
    socket.push(login);
    socket.push('more that nobody asked for');
    socket.push(login);
    await settled();
    expect(readReply(Buffer.concat(socket.writes)).status).toBe('OK');
    expect([socket.writes.length, socket.destroyed]).toEqual([1, true]);
  });

  it('rule 56: drops an answer that comes after the denial', async () => {
    const { clock, answerer, socket } = begin();
    answerer.decide = (attempt) =>
      new Promise((resolve) =>
        clock.after(6000, () => resolve({ kind: 'placed', server: '192.0.2.1', port: 1, asked: { protocol: attempt.protocol } })),
      );
    socket.push(login);
    await settled();
    await clock.step(7000);
    expect(socket.writes).toHaveLength(1);
    readDenial(socket.writes[0]!);
  });

  it('rule 03: drains what still comes in for a while, then hangs up', async () => {
    const { clock, open, socket } = begin();
    socket.push(login.toString('latin1').replace('\r\n\r\n', '\r\nContent-Length: 100000\r\n\r\n'));
    await settled();
    socket.push(Buffer.alloc(100_000));
    await clock.step(300);
    expect([socket.readableLength, socket.destroyed]).toEqual([0, false]);
    await clock.step(500);
    expect([socket.destroyed, open.size, clock.pending]).toEqual([true, 0, 0]);
  });

  it('hangs up as soon as the reply is out when the request announced no body, as none of nginx does', async () => {
    const { open, socket } = begin();
    socket.push(login);
    await settled();
    expect([socket.writes.length, socket.destroyed, open.size]).toEqual([1, true, 0]);
  });

  it('rule 10: says nothing to a socket that died while the answer was made', async () => {
    const { clock, answerer, open, socket } = begin();
    answerer.decide = () => new Promise((resolve) => clock.after(1000, () => resolve({ kind: 'denied', denial: 'rejected', asked: {} })));
    socket.push(login);
    await settled();
    await clock.step(10);
    socket.destroy(new Error('ECONNRESET'));
    await clock.step(2000);
    expect([socket.writes.length, open.size]).toEqual([0, 0]);
  });

  it('does not read what a refused peer says', async () => {
    const { answerer, socket, exchange } = begin();
    exchange.refuse('peer');
    socket.push(login);
    await settled();
    expect([answerer.questions.length, socket.writes.length]).toEqual([0, 1]);
  });

  it('closes without a word after zero bytes and FIN', async () => {
    const { answerer, socket } = begin();
    socket.push(null);
    await settled();
    expect([socket.writes.length, socket.fins, socket.destroyed, answerer.refusals.length]).toEqual([0, 1, true, 0]);
  });
});
