import type { Attributes } from '@postern/contract';

/** The attributes of somebody whom no store could be asked about: there are none, and it is noted that a router looked for one. */
export class UnknownAttributes {
  readonly attributes: Attributes;
  #wanted = false;

  constructor() {
    const note = (): undefined => void (this.#wanted = true);
    this.attributes = new Proxy<Attributes>(
      {},
      {
        get: note,
        getOwnPropertyDescriptor: note,
        has: () => note() ?? false,
        ownKeys: () => note() ?? [],
      },
    );
  }

  get wanted(): boolean {
    return this.#wanted;
  }
}
