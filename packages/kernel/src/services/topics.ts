import type { Log } from '@postern/contract';

/** Hearers by topic, within one process. */
export class Topics {
  readonly #log: Pick<Log, 'error'>;
  readonly #hearers = new Map<string, Set<(message: string) => void>>();

  /** `log`: is told what hearers throw. */
  constructor(log: Pick<Log, 'error'>) {
    this.#log = log;
  }

  /** The returned function ends it. */
  subscribe(topic: string, hear: (message: string) => void): () => void {
    const hearers = this.#hearers.get(topic) ?? new Set();
    this.#hearers.set(topic, hearers);
    // A function of its own, so that the same hearer may subscribe twice.
    const own = (message: string): void => hear(message);
    hearers.add(own);
    return () => {
      hearers.delete(own);
      if (hearers.size === 0 && this.#hearers.get(topic) === hearers) this.#hearers.delete(topic);
    };
  }

  /** Never throws: a hearer's fault keeps neither the others from hearing nor the one who tells from going on. */
  tell(topic: string, message: string): void {
    for (const hear of [...(this.#hearers.get(topic) ?? [])]) {
      try {
        hear(message);
      } catch (cause) {
        this.#log.error('somebody could not take in what was told', { topic, cause });
      }
    }
  }
}
