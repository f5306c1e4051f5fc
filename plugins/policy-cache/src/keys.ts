import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { LoginAttempt, Proof } from '@postern/contract';

/** An attempt whose proof can be remembered: the same right password is right again. */
export interface PlainAttempt extends LoginAttempt {
  readonly proof: Extract<Proof, { readonly mechanism: 'plain' }>;
}

export const isPlain = (attempt: LoginAttempt): attempt is PlainAttempt => attempt.proof.mechanism === 'plain';

/** RFC 2104 §5: half of the hash is enough. A quarter is, where a false match only makes us ask once more. */
const keyBytes = 16;
const tagBytes = 8;

/** Each field with its length in front and absent ones told from empty ones, so that no value can look like a border between two. */
const framed = (fields: readonly (string | undefined)[]): string => {
  let text = '';
  for (const field of fields) text += field === undefined ? '-;' : `${field.length}:${field}`;
  return text;
};

/**
 * Makes the names under which answers are kept: HMAC-SHA256 under a secret, cut to 128 bits. Whoever reads the memory learns neither
 * a password nor something to try passwords on.
 */
export class Keys {
  readonly #secret: KeyObject;
  readonly #perAddress: boolean;

  /** `perAddress`: whether the client's address and name make a difference. */
  constructor(secret: string | Uint8Array, perAddress: boolean) {
    this.#secret = createSecretKey(typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret);
    this.#perAddress = perAddress;
  }

  /** Differs as soon as anything differs that the answer may depend on. `generation`: of the user, at the time of the question. */
  answer({ user, proof, protocol, tls, client }: PlainAttempt, generation: number): string {
    const from = this.#perAddress ? client : undefined;
    const secured = tls === undefined ? 'clear' : 'tls';
    const circumstances = [protocol, secured, tls?.protocol, tls?.cipher, from?.ip, from?.host];
    return this.#digest(['answer', String(generation), ...circumstances, user], proof, keyBytes);
  }

  /** The same for the same password of the same user, however it was offered. */
  proof({ user, proof }: PlainAttempt): string {
    return this.#digest(['proof', user], proof, tagBytes);
  }

  /** The password comes last and so needs no length. UTF-16 keeps even broken texts apart, which UTF-8 would not. */
  #digest(fields: readonly (string | undefined)[], { mechanism, bytes }: PlainAttempt['proof'], length: number): string {
    const hmac = createHmac('sha256', this.#secret).update(framed([...fields, mechanism]), 'utf16le');
    return hmac.update(bytes).digest().toString('latin1', 0, length);
  }
}
