import {
  decode,
  defaultDenialRules,
  Encoder,
  KeyRing,
  type Answer,
  type Asked,
  type Encoded,
  type HeaderField,
  type RawAttempt,
} from '@postern/auth-http';
import { Networks } from '@postern/contract';
import type { Answerer, DoorName, RefusedRequest } from '../../../src/answerer.js';

export const testKeys = ['s3cret-key', 'the key of last month'];

export interface Refusal {
  readonly why: RefusedRequest;
  readonly door: DoorName;
  readonly asked: Asked | undefined;
  readonly detail: string | undefined;
}

export const placeEverybody = (attempt: RawAttempt): Answer => ({
  kind: 'placed',
  server: '192.0.2.10',
  port: 143,
  user: attempt.rawUser,
  asked: { protocol: attempt.protocol, mechanism: attempt.proof.mechanism, ordinal: attempt.ordinal },
});

/** Places everybody, unless a test says otherwise. Keys, decoding and encoding are the real ones. */
export class FakeAnswerer implements Answerer {
  readonly refusals: Refusal[] = [];
  /** Headers of every question that came through. */
  readonly questions: (readonly HeaderField[])[] = [];
  readonly attempts: RawAttempt[] = [];
  decide: (attempt: RawAttempt) => Promise<Answer> | Answer = placeEverybody;
  readonly #keys = new KeyRing(testKeys);
  readonly #encoder = new Encoder(defaultDenialRules);
  readonly #options = { trustedProxies: new Networks([]) };
  #waiting: (() => void)[] = [];

  refuse(why: RefusedRequest, door: DoorName, asked?: Asked, detail?: string): Encoded {
    this.refusals.push({ why, door, asked, detail });
    return this.#deny(asked ?? {});
  }

  async answer(headers: readonly HeaderField[]): Promise<Encoded> {
    this.questions.push(headers);
    for (const wake of this.#waiting.splice(0)) wake();
    if (!this.#keys.admits(headers)) return this.#deny({});
    const decoded = decode(headers, this.#options);
    if (decoded.kind === 'denied') return this.#encoder.encode({ kind: 'denied', denial: decoded.denial, asked: decoded.asked });
    this.attempts.push(decoded.attempt);
    return this.#encoder.encode(await this.decide(decoded.attempt));
  }

  /** Resolves when the next question comes. */
  asked(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #deny(asked: Asked): Encoded {
    return this.#encoder.encode({ kind: 'denied', denial: 'deferred', asked });
  }
}
