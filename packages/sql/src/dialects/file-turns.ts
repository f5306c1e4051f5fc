/**
 * Lets those who write to one file do so one after the other. SQLite would let them wait on the threads that all share: with as many
 * waiting as there are threads, the one who writes finds none to go on with, and everybody stands still until a time-out.
 */
export class FileTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `task` after those that were put before it, whether they failed or not. */
  async run<T>(file: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(file) ?? Promise.resolve();
    const mine = before.then(task, task);
    this.#last.set(file, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(file) === mine) this.#last.delete(file);
    }
  }
}
