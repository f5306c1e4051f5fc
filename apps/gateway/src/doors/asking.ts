import { defaultDenialRules, Encoder, type Asked, type Encoded, type HeaderField } from '@postern/auth-http';
import { protocols, type Log } from '@postern/contract';
import type { Answerer, DoorName, RefusedRequest } from '../answerer.js';

/**
 * The answerer as a door sees it. An answerer neither throws nor rejects; if a bug makes it, nginx still gets a denial and
 * the process goes on (rule 58), since a connection without a reply shows the client an internal error.
 */
export class Asking {
  readonly #answerer: Answerer;
  readonly #door: DoorName;
  readonly #log: Log;
  readonly #lastResort = new Encoder(defaultDenialRules).encode({ kind: 'denied', denial: 'deferred', asked: {} });

  constructor(answerer: Answerer, door: DoorName, log: Log) {
    this.#answerer = answerer;
    this.#door = door;
    this.#log = log;
  }

  refuse(why: RefusedRequest, detail?: string, asked?: Asked): Encoded {
    try {
      return this.#answerer.refuse(why, this.#door, asked, detail);
    } catch (cause) {
      return this.failed(cause);
    }
  }

  /** Calls `deliver` exactly once, never before it returns. */
  answer(headers: readonly HeaderField[], deliver: (encoded: Encoded) => void): void {
    this.#ask(headers).then(deliver, (cause: unknown) => deliver(this.failed(cause)));
  }

  #ask(headers: readonly HeaderField[]): Promise<Encoded> {
    try {
      return this.#answerer.answer(headers, this.#door);
    } catch (cause) {
      return Promise.resolve(this.failed(cause));
    }
  }

  /** For a bug at the door itself, where no reply can be made: the connection gets one at its deadline. */
  readonly broke = (cause: unknown): void =>
    this.#log.error('the door failed; the connection waits for its deadline', { door: this.#door, cause });

  /** For a bug: logged, and told as a temporary failure. */
  failed(cause: unknown): Encoded {
    this.#log.error('the answerer failed; the client is told to try again later', { door: this.#door, cause });
    return this.#lastResort;
  }
}

/** What a denial needs to know when the question itself went unanswered: the words of the client's protocol. */
export const askedIn = (headers: readonly HeaderField[]): Asked => {
  const word = headers.find(([name]) => name.toLowerCase() === 'auth-protocol')?.[1];
  const protocol = protocols.find((known) => known === word);
  return protocol === undefined ? {} : { protocol };
};
