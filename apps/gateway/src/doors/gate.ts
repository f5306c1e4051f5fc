import { isIPv4 } from 'node:net';
import type { Networks } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';

const remembered = 1024;

/** Says who may ask at one address (rule 14). On a unix socket the file's mode decides, not this. */
export class Gate {
  readonly #address: ListenAddress;
  readonly #known = new Map<string, boolean>();
  #allow: Networks;
  #open: boolean;

  constructor(address: ListenAddress, allow: Networks) {
    this.#address = address;
    this.#allow = allow;
    this.#open = isOpen(address, allow);
  }

  update(allow: Networks): void {
    this.#allow = allow;
    this.#open = isOpen(this.#address, allow);
    this.#known.clear();
  }

  /** A peer that has gone already has no address and is not admitted. Who it is, is asked of the system only where it matters. */
  admits(peer: { readonly remoteAddress?: string | undefined }): boolean {
    return this.#open || this.#admitsAddress(peer.remoteAddress);
  }

  /** The answers are remembered: the same few nginx hosts connect thousands of times a second. */
  #admitsAddress(address: string | undefined): boolean {
    if (address === undefined) return false;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const admitted = this.#allow.includes(address);
    if (this.#known.size >= remembered) this.#known.clear();
    this.#known.set(address, admitted);
    return admitted;
  }
}

/**
 * Whether everybody who can connect may ask. Whoever reaches a loopback address is on this machine and may call itself by any loopback
 * address, so where all of those are allowed there is nothing to find out. Asking the system for the peer's name costs as much as decoding
 * its request.
 */
const isOpen = (address: ListenAddress, allow: Networks): boolean => {
  if (address.kind === 'unix') return true;
  const networks = allow.toJSON();
  if (isIPv4(address.host)) return address.host.startsWith('127.') && networks.includes('127.0.0.0/8');
  return address.host === '::1' && (networks.includes('::1/128') || networks.includes('::1'));
};
