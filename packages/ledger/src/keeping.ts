import type { Batch } from './note-buffer.js';
import type { UserNotes } from './user-notes.js';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
}

/** Those who wait until what they noted of a user is written. */
export class Keeping {
  readonly #waiting = new Map<UserNotes, Set<Waiting>>();

  get some(): boolean {
    return this.#waiting.size > 0;
  }

  /** Rejects with the signal's reason when that aborts first. */
  of(notes: UserNotes, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => this.#leave(notes, waiting, signal, abort);
      const waiting: Waiting = {
        resolve: () => (leave(), resolve()),
        reject: (cause) => (leave(), reject(cause)),
      };
      const abort = (): void => waiting.reject(signal.reason as Error);
      const all = this.#waiting.get(notes) ?? new Set();
      this.#waiting.set(notes, all.add(waiting));
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
    });
  }

  written({ users }: Batch): void {
    for (const notes of users.values()) for (const { resolve } of [...(this.#waiting.get(notes) ?? [])]) resolve();
  }

  /** Nobody waits any longer: what cannot be written now may be written later. */
  fail(cause: Error): void {
    for (const all of [...this.#waiting.values()]) for (const { reject } of [...all]) reject(cause);
  }

  #leave(notes: UserNotes, waiting: Waiting, signal: AbortSignal, abort: () => void): void {
    signal.removeEventListener('abort', abort);
    const all = this.#waiting.get(notes);
    all?.delete(waiting);
    if (all?.size === 0) this.#waiting.delete(notes);
  }
}
