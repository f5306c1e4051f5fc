import type { Account } from '@postern/contract';
import { type TableSource, valueOf } from './source.js';

/** The value stands in the account: the store that accepted it knows where the mailbox lives. */
export class AttributeSource implements TableSource {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  lookup(_: readonly string[], { attributes }: Account): Promise<string | undefined> {
    return Promise.resolve(valueOf(Object.hasOwn(attributes, this.#name) ? attributes[this.#name] : undefined));
  }
}
