import type { Output } from '../io.js';

const silentMs = 1000;
const everyMs = 200;

/** How many users were compared, on a terminal and once it takes longer than a second; nothing elsewhere. `now`: milliseconds. */
export class Progress {
  readonly #output: Output;
  readonly #now: () => number;
  #next: number;
  #drawn = false;

  constructor(output: Output, now: () => number) {
    this.#output = output;
    this.#now = now;
    this.#next = now() + silentMs;
  }

  show(users: number): void {
    if (this.#output.isTTY !== true || this.#now() < this.#next) return;
    this.#next = this.#now() + everyMs;
    this.#drawn = true;
    this.#output.write(`\r${users.toLocaleString('en-US')} users compared …\u001b[K`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#drawn) this.#output.write('\r\u001b[K');
    this.#drawn = false;
  }
}
