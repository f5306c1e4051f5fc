import { once } from 'node:events';
import { Networks, type Clock } from '@postern/contract';
import { CapturedLog } from '@postern/testkit';
import type { Door, DoorParts } from '../../../src/doors/door.js';
import { FakeAnswerer } from './fake-answerer.js';
import type { Peer } from './peer.js';
import { readReply, type Reply } from './reply.js';

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

export type DoorOptions = Partial<Omit<DoorParts, 'rules' | 'addresses'>> & {
  /** Default: loopback. */
  readonly allow?: readonly string[];
  /** Default: 60 s, which no test reaches. */
  readonly deadlineMs?: number;
};

/** A kind of door as the conformance suite sees it. */
export interface DoorKind {
  /** Makes a door at an address of its own. */
  make(parts: Omit<DoorParts, 'addresses'>): Door;
  /** A connection over which a request can be written. */
  connect(address: string): Promise<Peer>;
}

/** An open door and everything a test needs around it. */
export class DoorRoom {
  readonly door: Door;
  readonly answerer: FakeAnswerer;
  readonly log = new CapturedLog();
  readonly #kind: DoorKind;
  readonly #peers: Peer[] = [];

  constructor(kind: DoorKind, options: DoorOptions = {}) {
    const { allow = ['127.0.0.0/8', '::1'], deadlineMs = 60_000, answerer, ...rest } = options;
    this.#kind = kind;
    this.answerer = (answerer as FakeAnswerer | undefined) ?? new FakeAnswerer();
    const rules = { allow: new Networks(allow), deadlineMs };
    this.door = kind.make({ clock: realClock, log: this.log, ...rest, rules, answerer: this.answerer });
  }

  async open(): Promise<void> {
    await this.door.listen();
  }

  async peer(): Promise<Peer> {
    const peer = await this.#kind.connect(this.door.address);
    this.#peers.push(peer);
    return peer;
  }

  /** One whole conversation; the bytes up to the door's FIN. */
  async say(...pieces: (Buffer | string)[]): Promise<Buffer> {
    const peer = await this.peer();
    await peer.sendSlowly(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)));
    return peer.receive();
  }

  async ask(request: Buffer): Promise<Reply> {
    return readReply(await this.say(request));
  }

  async close(): Promise<void> {
    for (const { socket } of this.#peers) socket.destroy();
    await this.door.close(1000);
  }

  /** After it, no connection of this room is left on either side. */
  async settle(): Promise<void> {
    for (const { socket, closed } of this.#peers.splice(0)) {
      if (!socket.closed) socket.destroy();
      await closed;
    }
    const last = await this.peer();
    last.socket.end();
    await Promise.race([last.closed, once(last.socket, 'close')]);
  }
}
