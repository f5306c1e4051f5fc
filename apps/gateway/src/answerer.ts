import type { Asked, Encoded, HeaderField } from '@postern/auth-http';

/** Which way a question came in. */
export type DoorName = 'nginx' | 'express';

/**
 * Why something that came in is no question. A closed set, since it labels a counter.
 *
 * `malformed`: not a request head as nginx writes it; `peer`: the sender is not in `nginx.allow`; `slow`: the head did not
 * come in time; `too-many`: no room for another connection.
 */
export type RefusedRequest = 'malformed' | 'peer' | 'slow' | 'too-many';

/**
 * Answers one question, whatever door it came through. Both doors hold the same object, so an answer cannot depend on the
 * way in. Neither method throws or rejects.
 */
export interface Answerer {
  /**
   * The denial for what is no question at all. `asked`: what is known of it, so that the words fit the protocol;
   * `detail` goes to the log and must hold no secret.
   */
  refuse(why: RefusedRequest, door: DoorName, asked?: Asked, detail?: string): Encoded;
  /** Always within the configured deadline. */
  answer(headers: readonly HeaderField[], door: DoorName): Promise<Encoded>;
}
