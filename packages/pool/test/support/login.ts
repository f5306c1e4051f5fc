import type { Waiting } from '@postern/pool';

/** Somebody who waits, until a test gives up for him. */
export class Login implements Waiting {
  reason: Error | undefined;
  #run: ((reason: Error) => void) | undefined;

  /** Whether somebody is to be told of the end. */
  get watched(): boolean {
    return this.#run !== undefined;
  }

  whenOver(run: (reason: Error) => void): () => void {
    if (this.#run !== undefined) throw new Error('one at a time');
    this.#run = run;
    return () => {
      this.#run = undefined;
    };
  }

  giveUp(): void {
    this.reason = new Error('given up');
    const run = this.#run;
    this.#run = undefined;
    run?.(this.reason);
  }
}
