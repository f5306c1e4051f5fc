import { createHash, randomBytes } from 'node:crypto';
import type { Secret, Services } from '@postern/contract';

type Parts = Pick<Services, 'shared' | 'clock' | 'log'>;

const keptAs = 'secret';
const claimedAs = 'secret-claim';
const tenYearsMs = 10 * 365 * 86_400_000;
/** Whoever claimed to make the key and died does not keep the others waiting for longer. */
const claimMs = 3000;
const pauseMs = 50;
const maxPauses = 100;
/** The shared place may have been away or emptied meanwhile. */
const againMs = 60_000;

/** The key of the digests: the configured one, or a random one that all processes of a deployment find in the shared state. */
export class DigestKey {
  readonly #parts: Parts;
  readonly #fixed: boolean;
  #key: Uint8Array;
  #callOff: (() => void) | undefined;

  constructor(configured: Secret | undefined, parts: Parts) {
    this.#parts = parts;
    this.#fixed = configured !== undefined;
    this.#key = configured === undefined ? randomBytes(32) : createHash('sha256').update(configured.reveal()).digest();
  }

  get key(): Uint8Array {
    return this.#key;
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#fixed) return;
    await this.#agree(signal);
    this.#again();
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #again(): void {
    this.#callOff?.();
    const never = new AbortController().signal;
    this.#callOff = this.#parts.clock.after(againMs, () => {
      this.#agree(never).catch((cause: unknown) => this.#parts.log.warn('cannot agree on the key of the digests', { cause }));
      this.#again();
    });
  }

  /** Takes what is there; where nothing is, one of the processes puts its own there. */
  async #agree(signal: AbortSignal): Promise<void> {
    const { shared } = this.#parts;
    for (let pause = 0; pause < maxPauses && !signal.aborted; pause++) {
      const kept = await shared.get(keptAs);
      if (kept !== undefined) {
        this.#key = Buffer.from(kept, 'base64url');
        return;
      }
      if ((await shared.increment(claimedAs, 1, claimMs)) === 1) {
        await shared.set(keptAs, Buffer.from(this.#key).toString('base64url'), tenYearsMs);
        return;
      }
      await new Promise<void>((go) => this.#parts.clock.after(pauseMs, go));
    }
    this.#parts.log.warn('no process made a key for the digests: this one counts with its own');
  }
}
