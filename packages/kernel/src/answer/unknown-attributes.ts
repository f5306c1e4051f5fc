import type { Attributes } from '@postern/contract';

/** The attributes of somebody whom no store could be asked about: there are none, and it is noted that a router looked for one. */
export class UnknownAttributes {
  readonly attributes: Attributes;
  #wanted = false;

  constructor() {
    const noted = <T>(answer: T): T => {
      this.#wanted = true;
      return answer;
    };
    this.attributes = new Proxy<Attributes>(
      {},
      {
        get: () => noted(undefined),
        getOwnPropertyDescriptor: () => noted(undefined),
        has: () => noted(false),
        ownKeys: () => noted([]),
      },
    );
  }

  get wanted(): boolean {
    return this.#wanted;
  }
}
