import { Networks, type Mechanism, type Proof } from '@postern/contract';
import { decode, type Decoded, type HeaderField, type RawAttempt } from '../../src/index.js';

export const noProxies = new Networks([]);

const usual: Readonly<Record<string, string>> = {
  'Auth-Method': 'plain',
  'Auth-User': 'u0001@example.org',
  'Auth-Pass': 'pw',
  'Auth-Protocol': 'imap',
  'Auth-Login-Attempt': '1',
  'Client-IP': '192.0.2.7',
};

/** A usual question with some headers changed; `undefined` leaves one out. Values are bytes (latin1). */
export const question = (changes: Readonly<Record<string, string | undefined>> = {}): readonly HeaderField[] =>
  Object.entries({ ...usual, ...changes }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));

export const ask = (changes: Readonly<Record<string, string | undefined>> = {}, trustedProxies = noProxies): Decoded =>
  decode(question(changes), { trustedProxies });

export const attemptOf = (decoded: Decoded): RawAttempt => {
  if (decoded.kind !== 'attempt') throw new Error(`denied: ${decoded.why}`);
  return decoded.attempt;
};

export const denialOf = (decoded: Decoded): string => (decoded.kind === 'denied' ? decoded.denial : 'none');

type ProofOf<M extends Mechanism, P = Proof> = P extends { readonly mechanism: infer K } ? (M extends K ? P : never) : never;

/** The proof, if it is of the mechanism that is asked for. */
export const proofOf = <M extends Mechanism>(decoded: Decoded, mechanism: M): ProofOf<M> => {
  const { proof } = attemptOf(decoded);
  if (proof.mechanism !== mechanism) throw new Error(`the mechanism is ${proof.mechanism}`);
  return proof as ProofOf<M>;
};

/** Text as its UTF-8 bytes, one character a byte. */
export const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
