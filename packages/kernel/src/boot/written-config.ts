import { inspect } from 'node:util';
import { redacted } from './secrets.js';

type Data = Readonly<Record<string, unknown>>;

/** The file's content as data, as it was written. It may hold secrets, so it prints as `[secret]` wherever it gets by accident. */
export class WrittenConfig {
  readonly #data: Data;

  constructor(data: Data) {
    this.#data = data;
  }

  reveal(): Data {
    return this.#data;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
