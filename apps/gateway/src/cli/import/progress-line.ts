import type { Output } from '../io.js';
import type { Progress } from './source-file.js';

const everyMs = 200;

/** How far a pass is, on a terminal; nothing elsewhere. `now`: milliseconds. */
export class ProgressLine {
  readonly #output: Output;
  readonly #now: () => number;
  #shown = 0;
  #drawn = false;

  constructor(output: Output, now: () => number) {
    this.#output = output;
    this.#now = now;
  }

  of(doing: string): Progress {
    return (bytes, total) => {
      if (this.#output.isTTY !== true || this.#now() - this.#shown < everyMs) return;
      this.#shown = this.#now();
      this.#drawn = true;
      this.#output.write(`\r${doing} … ${Math.floor((bytes / Math.max(total, 1)) * 100)} %\u001b[K`);
    };
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#drawn) this.#output.write('\r\u001b[K');
    this.#drawn = false;
  }
}
