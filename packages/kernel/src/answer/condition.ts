import { asciiDomain, type LoginAttempt, type Mechanism, Networks, type Protocol, splitUser } from '@postern/contract';
import type { Identity } from './identity.js';

type OneOrMany<T> = T | readonly T[];

/** The config's `when`. Every key that is there must match; within a key any of its values will do. */
export interface WhenConfig {
  /** `example.org`, or `*.example.org` for everything below it. */
  readonly domain?: OneOrMany<string> | undefined;
  readonly user?: OneOrMany<string> | undefined;
  readonly protocol?: OneOrMany<Protocol> | undefined;
  readonly mechanism?: OneOrMany<Mechanism> | undefined;
  /** Networks such as `192.0.2.0/24`. */
  readonly client?: Networks | OneOrMany<string> | undefined;
  /** 0 to 100: a share of the users, always the same ones. Raising it keeps everyone who was in. */
  readonly percent?: number | undefined;
}

type Test = (attempt: LoginAttempt) => boolean;

/** Decides whether an instance is asked about an attempt. */
export class Condition {
  readonly #tests: readonly Test[];

  private constructor(tests: readonly Test[]) {
    this.#tests = tests;
  }

  /** Without a config it matches everything. `identity` brings the config's user names into the form that attempts carry. */
  static from(config: WhenConfig | undefined, identity?: Pick<Identity, 'canonical'>): Condition {
    if (config === undefined) return new Condition([]);
    const tests: Test[] = [];
    if (config.protocol !== undefined) tests.push(oneOf(config.protocol, (attempt) => attempt.protocol));
    if (config.mechanism !== undefined) tests.push(oneOf(config.mechanism, (attempt) => attempt.proof.mechanism));
    if (config.domain !== undefined) tests.push(domainTest(list(config.domain)));
    if (config.user !== undefined) tests.push(userTest(list(config.user), identity));
    if (config.client !== undefined) tests.push(clientTest(config.client));
    if (config.percent !== undefined) tests.push(percentTest(config.percent));
    return new Condition(tests);
  }

  matches(attempt: LoginAttempt): boolean {
    for (const test of this.#tests) if (!test(attempt)) return false;
    return true;
  }
}

const list = <T>(value: OneOrMany<T>): readonly T[] => (Array.isArray(value) ? (value as readonly T[]) : [value as T]);

const oneOf = <T>(values: OneOrMany<T>, of: (attempt: LoginAttempt) => T): Test => {
  const wanted = new Set(list(values));
  return (attempt) => wanted.has(of(attempt));
};

const domainTest = (domains: readonly string[]): Test => {
  const exact = new Set<string>();
  const suffixes: string[] = [];
  for (const domain of domains) {
    const canonical = asciiDomain(domain.replace(/^\*\./, '')) ?? domain;
    if (domain.startsWith('*.')) suffixes.push(`.${canonical}`);
    else exact.add(canonical);
  }
  return (attempt) => {
    const { domain } = splitUser(attempt.user);
    return exact.has(domain) || suffixes.some((suffix) => domain.endsWith(suffix));
  };
};

const userTest = (users: readonly string[], identity: Pick<Identity, 'canonical'> | undefined): Test => {
  const wanted = new Set(
    users.map((user) => {
      const read = identity?.canonical(user);
      return read?.kind === 'user' ? read.user : user;
    }),
  );
  return (attempt) => wanted.has(attempt.user);
};

const clientTest = (client: Networks | OneOrMany<string>): Test => {
  const networks = client instanceof Networks ? client : new Networks(list(client));
  return (attempt) => networks.includes(attempt.client.ip);
};

const percentTest = (percent: number): Test => {
  const limit = (percent / 100) * 2 ** 32;
  return (attempt) => shareOf(attempt.user) < limit;
};

/**
 * A number below 2^32 that depends on the user alone: FNV-1a over UTF-16 units with murmur3's finaliser. It must never change, or
 * a running migration would move people. The start value differs from the hash router's so that shares and backends are independent.
 */
const shareOf = (user: string): number => {
  let hash = 0x9dc5_811c;
  for (let index = 0; index < user.length; index++) hash = Math.imul(hash ^ user.charCodeAt(index), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
