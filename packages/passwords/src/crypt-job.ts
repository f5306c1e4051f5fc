/** One hash of crypt(3) to compute: what a thread is asked. */
export interface CryptJob {
  /** As it stands between the dollar signs; `des` for hashes that have none. */
  readonly id: '1' | 'apr1' | '5' | '6' | 'des';
  readonly password: Uint8Array;
  /** One character a byte. */
  readonly salt: string;
  /** Of `5` and `6` only: what the others do is fixed. */
  readonly rounds: number;
}
