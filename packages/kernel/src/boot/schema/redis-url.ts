import { BindingError, parseHostPort, type SecretSource, SecretUrl } from '@postern/contract';

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

/** A Redis server's URL from the config. */
export class RedisUrl extends SecretUrl<RedisServerAddress> {
  constructor(source: SecretSource) {
    super(source, { parse: parseRedisUrl, password: ({ password = '' }) => password, told, unread: '[redis]' });
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
