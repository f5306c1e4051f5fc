import type { Clock } from '@postern/contract';

/** One end of the channel between two processes. What is sent must survive JSON. */
export interface Channel {
  /** Throws or answers false when nobody is there to hear it. */
  send(packet: Packet): boolean;
  onPacket(take: (packet: unknown) => void): void;
}

export type Packet =
  | { readonly kind: 'ask'; readonly id: number; readonly subject: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly body: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly message: string }
  | { readonly kind: 'tell'; readonly subject: string; readonly body: unknown };

/** By subject: answers what the other process asks, or takes what it tells. */
export type Handlers = Readonly<Record<string, (body: unknown) => unknown>>;

interface Pending {
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly callOff: () => void;
}

/** Questions that may wait for an answer: when the other process hangs, its questions must not fill this one's memory. */
const mostPending = 10_000;

/** The other process did not answer in time. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** Questions and answers between two processes, each with a time-out. */
export class Line {
  readonly #channel: Channel;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #pending = new Map<number, Pending>();
  /** A map: what the other process sends names the subject, and `constructor` is none. */
  readonly #handlers = new Map<string, Handlers[string]>();
  #last = 0;

  constructor(channel: Channel, clock: Pick<Clock, 'after'>) {
    this.#channel = channel;
    this.#clock = clock;
    channel.onPacket((packet) => this.#take(packet as Packet));
  }

  handle(handlers: Handlers): void {
    for (const [subject, handler] of Object.entries(handlers)) this.#handlers.set(subject, handler);
  }

  /** Rejects after `timeoutMs`, when the other process answers with a fault, and when it cannot be asked. */
  ask(subject: string, body: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#pending.size >= mostPending) return reject(new Error('too many questions wait for the other process'));
      const id = ++this.#last;
      const callOff = this.#clock.after(timeoutMs, () => this.#settle(id)?.reject(new Unanswered(`no answer within ${timeoutMs} ms`)));
      this.#pending.set(id, { resolve, reject, callOff });
      if (!this.#send({ kind: 'ask', id, subject, body })) this.#settle(id)?.reject(new Error('the other process is gone'));
    });
  }

  /** Whether it left. */
  tell(subject: string, body: unknown): boolean {
    return this.#send({ kind: 'tell', subject, body });
  }

  #send(packet: Packet): boolean {
    try {
      return this.#channel.send(packet);
    } catch {
      return false;
    }
  }

  #take(packet: Packet): void {
    if (packet.kind === 'answer') this.#settle(packet.id)?.resolve(packet.body);
    else if (packet.kind === 'fault') this.#settle(packet.id)?.reject(new Error(packet.message));
    else if (packet.kind === 'ask') void this.#answer(packet.id, packet.subject, packet.body);
    else void this.#hear(packet.subject, packet.body);
  }

  /** A fault of what takes it ends as a rejection that nobody catches, like any other bug: never within the channel itself. */
  async #hear(subject: string, body: unknown): Promise<void> {
    await this.#handlers.get(subject)?.(body);
  }

  async #answer(id: number, subject: string, body: unknown): Promise<void> {
    try {
      const handler = this.#handlers.get(subject);
      if (handler === undefined) throw new Error(`nobody answers ${subject} here`);
      this.#send({ kind: 'answer', id, body: await handler(body) });
    } catch (error) {
      this.#send({ kind: 'fault', id, message: error instanceof Error ? error.message : 'it gave no reason' });
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.callOff();
    return pending;
  }
}
