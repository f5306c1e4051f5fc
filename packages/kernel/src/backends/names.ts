import type { Clock, Log } from '@postern/contract';
import { usableAddress } from './address.js';
import type { Resolver } from './resolver.js';

/** Times in milliseconds. */
export interface NameRules {
  /** How long an answer is taken without asking again. getaddrinfo tells no TTL. Default 30 s. */
  readonly ttl: number;
  /** How long after a failure it is not asked again. Default 2 s. */
  readonly retry: number;
  /** How long one question may take. Default 3 s. */
  readonly timeout: number;
  /** How many names are kept; tables may hold host names. Default 10,000. */
  readonly maxNames: number;
}

const defaultNameRules: NameRules = { ttl: 30_000, retry: 2000, timeout: 3000, maxNames: 10_000 };

export type Addresses =
  { readonly kind: 'known'; readonly addresses: readonly [string, ...string[]] } | { readonly kind: 'unknown'; readonly cause: Error };

interface Entry {
  /** The last good answer. */
  good: readonly [string, ...string[]] | undefined;
  /** What the last question brought, when it failed. */
  failure: Error | undefined;
  /** Until when nobody is asked, in the clock's monotonic milliseconds. */
  quietUntil: number;
  /** The question on its way; everybody waits for the same one. */
  asking: Promise<void> | undefined;
}

/**
 * The addresses of host names, only ever usable ones (rule 46).
 *
 * An answer that is too old is given out all the same while it is refreshed behind it, and the last good one stays for as long as the name
 * server fails: an outage of DNS must not be an outage of mail.
 */
export class Names {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rules: NameRules;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: { readonly resolver: Resolver; readonly clock: Clock; readonly log: Log; readonly rules?: NameRules | undefined }) {
    this.#resolver = parts.resolver;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#rules = parts.rules ?? defaultNameRules;
  }

  /** Answers at once what is known. Otherwise a promise that never rejects and takes at most the timeout of one question. */
  resolve(host: string): Addresses | Promise<Addresses> {
    const entry = this.#entry(host);
    return entry.good === undefined && entry.asking !== undefined ? entry.asking.then(() => told(entry)) : told(entry);
  }

  #entry(name: string): Entry {
    const known = this.#entries.get(name);
    const entry = known ?? newEntry(name);
    // Taken out and put back, so that the map's order is the order of last use.
    if (known !== undefined) this.#entries.delete(name);
    else this.#makeRoom();
    this.#entries.set(name, entry);
    if (entry.asking === undefined && this.#clock.monotonic() >= entry.quietUntil) entry.asking = this.#ask(name, entry);
    return entry;
  }

  #makeRoom(): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#rules.maxNames && oldest.done !== true) this.#entries.delete(oldest.value);
  }

  async #ask(name: string, entry: Entry): Promise<void> {
    try {
      const good = usable(await this.#inTime(name));
      if (entry.failure !== undefined) this.#log.info('a host name resolves again', { host: name });
      // Round-robin name servers turn their answers: who was first stays first while it is there, so that nobody moves without need.
      entry.good = entry.good !== undefined && good.includes(entry.good[0]) ? withFirst(entry.good[0], good) : good;
      entry.failure = undefined;
      entry.quietUntil = this.#clock.monotonic() + this.#rules.ttl;
    } catch (cause) {
      const failure = cause instanceof Error ? cause : new Error('the resolver failed');
      const fields = { host: name, cause: failure.message, kept: entry.good };
      if (entry.failure === undefined) this.#log.warn('a host name cannot be resolved', fields);
      entry.failure = failure;
      entry.quietUntil = this.#clock.monotonic() + this.#rules.retry;
    } finally {
      entry.asking = undefined;
    }
  }

  #inTime(name: string): Promise<readonly string[]> {
    const { timeout } = this.#rules;
    return new Promise((resolve, reject) => {
      const callOff = this.#clock.after(timeout, () => reject(new Error(`no answer from the resolver within ${timeout} ms`)));
      const asked = async (): Promise<readonly string[]> => this.#resolver.lookup(name);
      asked().then(resolve, reject).finally(callOff);
    });
  }
}

/** An address, or what getaddrinfo would take for one, is settled at once and for ever. */
const newEntry = (host: string): Entry => {
  const address = usableAddress(host);
  if (address !== undefined) return { good: [address], failure: undefined, quietUntil: Infinity, asking: undefined };
  if (!looksNumeric.test(host)) return { good: undefined, failure: undefined, quietUntil: -Infinity, asking: undefined };
  return { good: undefined, failure: new Error(`${host} is no address that nginx can be told`), quietUntil: Infinity, asking: undefined };
};

/** Never asked of a resolver: getaddrinfo takes `0`, `127.1` and `0x7f.1` for addresses. */
const looksNumeric = /:|^(?:0x[\da-f]*|\d+)(?:\.(?:0x[\da-f]*|\d+))*\.?$/i;

const told = ({ good, failure }: Entry): Addresses =>
  good === undefined ? { kind: 'unknown', cause: failure ?? new Error('not resolved yet') } : { kind: 'known', addresses: good };

const usable = (texts: readonly string[]): readonly [string, ...string[]] => {
  const [first, ...rest] = [...new Set(texts.map(usableAddress))].filter((address) => address !== undefined);
  if (first === undefined) throw new Error('the name has no usable address');
  return [first, ...rest];
};

const withFirst = (first: string, all: readonly string[]): readonly [string, ...string[]] => [first, ...all.filter((one) => one !== first)];
