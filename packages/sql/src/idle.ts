import type { Clock } from '@postern/contract';
import type { Member } from './member.js';

export interface IdleParts {
  readonly clock: Clock;
  /** Milliseconds without use after which a connection is closed. */
  readonly ms: number;
  readonly usable: (member: Member) => boolean;
  /** Told of each that is gone from here because nobody used it, or nobody can. */
  readonly done: (member: Member) => void;
}

/** Connections that nobody uses, the warmest first, under one timer. */
export class Idle {
  readonly #parts: IdleParts;
  /** The one that has lain longest first. */
  #members: Member[] = [];
  #callOff: (() => void) | undefined;

  constructor(parts: IdleParts) {
    this.#parts = parts;
  }

  put(member: Member): void {
    member.idleSince = this.#parts.clock.monotonic();
    this.#members.push(member);
    this.#callOff ??= this.#later();
  }

  /** The warmest; it may be unusable by now. */
  take(): Member | undefined {
    return this.#members.pop();
  }

  takeAll(): readonly Member[] {
    return this.#members.splice(0);
  }

  /** No timer is left. */
  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #later(): () => void {
    return this.#parts.clock.after(this.#parts.ms, () => this.#sweep());
  }

  #sweep(): void {
    const { clock, ms, usable, done } = this.#parts;
    const now = clock.monotonic();
    const stays = (member: Member): boolean => now - member.idleSince < ms && usable(member);
    const gone = this.#members.filter((member) => !stays(member));
    this.#members = this.#members.filter(stays);
    this.#callOff = this.#members.length > 0 ? this.#later() : undefined;
    gone.forEach(done);
  }
}
