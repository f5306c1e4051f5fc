import { inspect } from 'node:util';
import { bind, BindingError, parseHostPort, type Bound, type ConfigPlace, Secret, type SecretSource } from '@postern/contract';

/** What a Redis URL says. */
export interface RedisServerAddress {
  /** A unix socket's path, or a host and port. */
  readonly server: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** `rediss://`. */
  readonly tls: boolean;
}

/** A Redis server's URL from the config. Its password is a secret; the rest may be told. */
export class RedisUrl implements Bound {
  readonly #source: SecretSource;
  #address: RedisServerAddress | undefined;

  constructor(source: SecretSource) {
    this.#source = source;
  }

  /** Throws when the config was not bound yet. */
  get address(): RedisServerAddress {
    if (this.#address === undefined) throw new Error('this URL was not bound to its place yet');
    return this.#address;
  }

  /** True when a password stands in the config file itself: `check` warns. */
  get literal(): boolean {
    return typeof this.#source === 'string' && (this.#address?.password ?? '') !== '';
  }

  /** The password; empty when there is none. */
  reveal(): string {
    return this.address.password ?? '';
  }

  toString(): string {
    return this.#address === undefined ? '[redis]' : told(this.#address);
  }

  toJSON(): unknown {
    return typeof this.#source === 'string' ? this.toString() : this.#source;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [bind](place: ConfigPlace): void {
    const secret = new Secret(this.#source);
    secret[bind](place);
    this.#address = parseRedisUrl(secret.reveal());
  }
}

/** Without the password. */
const told = ({ server, username = '', database, tls }: RedisServerAddress): string => {
  if ('path' in server) return `unix:${server.path}`;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${tls ? 'rediss' : 'redis'}://${username === '' ? '' : `${username}@`}${host}:${server.port}/${database}`;
};

const wrong = (
  message: string,
  hint = 'Write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss://… for TLS, or unix:/PATH.',
): never => {
  throw new BindingError(`the Redis URL ${message}`, hint);
};

/** Throws a `BindingError` that holds nothing of the URL. */
export const parseRedisUrl = (text: string): RedisServerAddress => {
  if (text.startsWith('unix:/'))
    return { server: { path: text.slice('unix:'.length) }, username: undefined, password: undefined, database: 0, tls: false };
  const [, scheme = '', login, place = '', database = '0'] =
    /^(rediss?):\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/(\d{0,4}))?$/.exec(text) ?? wrong('cannot be understood');
  const { host, port = 6379 } = parseHostPort(place) ?? wrong('names no host');
  const colon = login?.indexOf(':') ?? -1;
  const username = decoded(colon < 0 ? login : login?.slice(0, colon));
  const password = colon < 0 ? undefined : decoded(login?.slice(colon + 1));
  return { server: { host, port }, username, password, database: Number(database), tls: scheme === 'rediss' };
};

/** What is empty is not there. */
const decoded = (text: string | undefined): string | undefined => {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong('has a stray % in its user or password', 'Write % as %25.');
  }
};
