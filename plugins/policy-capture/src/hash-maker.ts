import { checkPassword, hashPassword, knownSchemes, needsRehash, type HashScheme } from '@postern/passwords';

/** What is held against a password here only tells whether it fits; who may log in with it is the store's matter. */
const anyScheme = { defaultScheme: 'CRYPT', allowWeak: knownSchemes };

/** Makes hashes under one scheme, and compares with those that others made. */
export class HashMaker {
  /** As in `{SCHEME}`. */
  readonly scheme: HashScheme;

  constructor(scheme: HashScheme) {
    this.scheme = scheme;
  }

  /** Undefined: the scheme would not take the whole password. */
  async make(password: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await hashPassword(password, this.scheme, signal);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Whether it is weaker than what is made here. */
  isWeaker(hash: string): boolean {
    return needsRehash(hash, { scheme: this.scheme, defaultScheme: 'CRYPT' });
  }

  async fits(password: Uint8Array, hash: string, signal: AbortSignal): Promise<boolean> {
    return (await checkPassword(password, hash, anyScheme, signal)) === 'match';
  }
}
