import { lookup } from 'node:dns/promises';

/** Turns a host name into addresses, best first. Rejects when it cannot, or when there are none. */
export interface Resolver {
  lookup(host: string): Promise<readonly string[]>;
}

/** libuv has four threads for all of getaddrinfo, files and password hashing; a dead name server must not take them all. */
const atOnce = 2;

/** Asks the operating system (getaddrinfo: hosts file, search list, both families). IPv4 comes first. */
export class SystemResolver implements Resolver {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  async lookup(host: string): Promise<readonly string[]> {
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      const found = await lookup(host, { all: true, order: 'ipv4first' });
      return found.map(({ address }) => address);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
