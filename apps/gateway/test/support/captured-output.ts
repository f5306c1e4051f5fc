import type { Output } from '../../src/cli/io.js';

/** Keeps what was written. */
export class CapturedOutput implements Output {
  #text = '';

  write(text: string): void {
    this.#text += text;
  }

  get text(): string {
    return this.#text;
  }

  get lines(): readonly string[] {
    return this.#text.split('\n').filter((line) => line !== '');
  }

  /** The lines that are JSON, parsed. */
  get records(): readonly Record<string, unknown>[] {
    return this.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
