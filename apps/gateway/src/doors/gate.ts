import type { Networks } from '@postern/contract';

const remembered = 1024;

/** Says which peers may ask. Remembers its answers: the same few nginx hosts connect thousands of times a second. */
export class Gate {
  #allow: Networks;
  readonly #known = new Map<string, boolean>();

  constructor(allow: Networks) {
    this.#allow = allow;
  }

  update(allow: Networks): void {
    this.#allow = allow;
    this.#known.clear();
  }

  /** `address`: a socket's `remoteAddress`; undefined when the peer has gone already. */
  admits(address: string | undefined): boolean {
    if (address === undefined) return false;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const admitted = this.#allow.includes(address);
    if (this.#known.size >= remembered) this.#known.clear();
    this.#known.set(address, admitted);
    return admitted;
  }
}
