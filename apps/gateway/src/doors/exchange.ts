import type { Socket } from 'node:net';
import { HeadReader, toWire, type Encoded, type HeaderField, type HeadReading } from '@postern/auth-http';
import type { Clock } from '@postern/contract';
import type { RefusedRequest } from '../answerer.js';
import { askedIn, type Asking } from './asking.js';
import type { Expiring, Sweep } from './sweep.js';
import type { Turn } from './turn.js';

/** What the exchanges of a door share. */
export interface ExchangeParts {
  readonly asking: Asking;
  readonly clock: Clock;
  readonly open: Sweep<Exchange>;
  readonly turn: Turn;
  readonly headBytes: number;
  readonly lingerMs: number;
}

type Phase =
  /** Nothing came yet. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'reading'; readonly reader: HeadReader }
  | { readonly kind: 'answering'; readonly headers: readonly HeaderField[] }
  /** The reply and FIN are on their way; what still comes in is drained unread, a body too (rule 03). */
  | { readonly kind: 'leaving' };

const silent: Phase = { kind: 'silent' };
const leaving: Phase = { kind: 'leaving' };

/**
 * One connection of the nginx door: reads one request head, makes exactly one write, sends FIN. A peer that half-closes
 * after its request is answered all the same.
 */
export class Exchange implements Expiring {
  due: number;
  place = -1;
  readonly #socket: Socket;
  readonly #parts: ExchangeParts;
  #phase = silent;

  /** `due`: when the reply must be out, on the clock's `monotonic`. */
  constructor(socket: Socket, parts: ExchangeParts, due: number) {
    this.#socket = socket;
    this.#parts = parts;
    this.due = due;
    parts.open.add(this);
    socket.on('data', (chunk: Buffer) => {
      if (this.#phase !== leaving) parts.turn.add(() => this.#hear(chunk));
    });
    socket.on('end', () => parts.turn.add(() => this.#hearEnd()));
    // 'close' always follows an error, and what there is to do is done there (rule 10).
    socket.on('error', ignore);
    socket.on('close', () => this.#close());
  }

  refuse(why: RefusedRequest, detail?: string): void {
    this.#reply(this.#parts.asking.refuse(why, detail));
  }

  /** The door closes: a peer that said nothing until `due` is let go. */
  hurry(due: number): void {
    if (this.#phase.kind === 'silent') this.due = Math.min(this.due, due);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  expire(): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'silent':
      case 'leaving':
        this.#socket.destroy();
        break;
      case 'reading':
        this.refuse('slow');
        break;
      case 'answering':
        this.#reply(this.#parts.asking.refuse('slow', 'there was no answer within the deadline', askedIn(phase.headers)));
        break;
    }
  }

  #hear(chunk: Buffer): void {
    const phase = this.#phase;
    if (phase.kind === 'reading') this.#weigh(phase.reader.push(chunk));
    else if (phase.kind === 'silent') this.#begin(chunk);
  }

  #begin(chunk: Buffer): void {
    const reader = new HeadReader(this.#parts.headBytes);
    this.#phase = { kind: 'reading', reader };
    this.#weigh(reader.push(chunk));
  }

  #hearEnd(): void {
    const phase = this.#phase;
    if (phase.kind === 'reading') this.#weigh(phase.reader.end());
    else if (phase.kind === 'silent') this.#leave();
  }

  #weigh(reading: HeadReading): void {
    if (reading.kind === 'complete') {
      const { headers } = reading.head;
      this.#phase = { kind: 'answering', headers };
      this.#parts.asking.answer(headers, (encoded) => this.#reply(encoded));
    } else if (reading.kind === 'malformed') {
      const { protocol, why } = reading;
      this.#reply(this.#parts.asking.refuse('malformed', why, protocol === undefined ? {} : { protocol }));
    }
  }

  /** A late second reply, or one after the socket's death, goes nowhere. */
  #reply(encoded: Encoded): void {
    const phase = this.#phase;
    if (phase.kind === 'leaving') return;
    const bytes = toWire(encoded.headers);
    if (phase.kind === 'answering' && !announcesBody(phase.headers)) this.#leaveAtOnce(bytes);
    else this.#leave(bytes);
  }

  /** One write, then FIN (rules 01, 54). What still comes in is drained: to close with input unread sends RST, which can destroy the reply. */
  #leave(bytes?: Buffer): void {
    this.#phase = leaving;
    this.due = this.#parts.clock.monotonic() + this.#parts.lingerMs;
    if (bytes === undefined) this.#socket.end();
    else this.#socket.end(bytes);
  }

  /**
   * The same after a whole request without a body, as every one of nginx's is: nothing more can come, so nobody waits for it. The system
   * sends the reply and FIN when the socket is closed.
   */
  #leaveAtOnce(bytes: Buffer): void {
    this.#phase = leaving;
    this.due = this.#parts.clock.monotonic() + this.#parts.lingerMs;
    // Not at once: a stream that is destroyed within its write's callback makes itself an error, stack and all, for nobody.
    this.#socket.write(bytes, () => queueMicrotask(() => this.destroy()));
  }

  #close(): void {
    this.#phase = leaving;
    this.#parts.open.delete(this);
  }
}

const ignore = (): void => undefined;

const bodyHeader = /^(?:content-length|transfer-encoding)$/i;

/** nginx never sends one of these; the lengths tell nearly all names apart. */
const announcesBody = (headers: readonly HeaderField[]): boolean => {
  for (const [name] of headers) if ((name.length === 14 || name.length === 17) && bodyHeader.test(name)) return true;
  return false;
};
