import { readdirSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { Networks } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';

const remembered = 1024;

/** Says who may ask at one address (rule 14). On a unix socket the file's mode decides, not this. */
export class Gate {
  readonly #address: ListenAddress;
  readonly #known = new Map<string, boolean>();
  #allow: Networks;
  readonly #loopbackIsRouted: () => boolean;
  #open: boolean;

  constructor(address: ListenAddress, allow: Networks, loopbackIsRouted = routesLocalnet) {
    this.#address = address;
    this.#allow = allow;
    this.#loopbackIsRouted = loopbackIsRouted;
    this.#open = this.#isOpen();
  }

  update(allow: Networks): void {
    this.#allow = allow;
    this.#open = this.#isOpen();
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

  /**
   * Whether everybody who can connect may ask. Whoever reaches a loopback address is on this machine and may call itself by any loopback
   * address, so where all of those are allowed there is nothing to find out. Asking the system for the peer's name costs as much as decoding
   * its request. Judged when the door opens and at each reload.
   */
  #isOpen(): boolean {
    const address = this.#address;
    if (address.kind === 'unix') return true;
    const networks = this.#allow.toJSON();
    if (isIPv4(address.host)) return address.host.startsWith('127.') && networks.includes('127.0.0.0/8') && !this.#loopbackIsRouted();
    return address.host === '::1' && (networks.includes('::1/128') || networks.includes('::1'));
  }
}

const interfaces = '/proc/sys/net/ipv4/conf';

/**
 * Whether Linux lets other hosts reach 127.0.0.0/8: kube-proxy and some port forwarding turn that on (CVE-2020-8558). Where the kernel
 * has no such switch, it never does.
 */
const routesLocalnet = (): boolean => {
  try {
    return readdirSync(interfaces).some((name) => readFileSync(`${interfaces}/${name}/route_localnet`, 'utf8').trim() !== '0');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
};
