import { isAbsolute, resolve } from 'node:path';
import { BindingError, parseHostPort, type SecretSource, SecretUrl } from '@postern/contract';
import type { Dialect } from './dialect.js';

export type Host = { readonly host: string; readonly port: number } | { readonly socket: string };

/** Where a database is and how to get in. */
export type Address =
  | {
      readonly dialect: 'postgres' | 'mysql';
      /** The same database; the first is preferred. Never empty. */
      readonly hosts: readonly Host[];
      readonly user: string;
      readonly password: string;
      readonly database: string;
      /** What the URL's `sslmode` says; absent: nothing. */
      readonly tls?: boolean;
    }
  | { readonly dialect: 'sqlite'; readonly path: string };

/** A database's URL from the config. */
export class DatabaseUrl extends SecretUrl<Address> {
  constructor(source: SecretSource) {
    super(source, {
      parse: (text, { directory }) => parseDatabaseUrl(text, directory),
      password: (address) => (address.dialect === 'sqlite' ? '' : address.password),
      told: describeAddress,
      unread: '[database]',
    });
  }

  /** Absent before binding, and for a URL that could not be bound. */
  get dialect(): Dialect | undefined {
    return this.known?.dialect;
  }
}

export const describeHost = (host: Host): string =>
  'socket' in host ? host.socket : `${host.host.includes(':') ? `[${host.host}]` : host.host}:${host.port}`;

/** Without the password. */
const describeAddress = (address: Address): string => {
  if (address.dialect === 'sqlite') return `sqlite:${address.path}`;
  const { dialect, user, hosts, database } = address;
  return `${dialect}://${user}@${hosts.map(describeHost).join(',')}/${database}`;
};

const examples = 'Write postgres://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE, mysql://… in the same way, or sqlite:PATH.';
const defaultPorts = { postgres: 5432, mysql: 3306 } as const;
const schemes: Readonly<Record<string, 'postgres' | 'mysql'>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
};

const wrong = (message: string, hint = examples): never => {
  throw new BindingError(`the database URL ${message}`, hint);
};

/** Throws a `BindingError` that holds nothing of the URL but the words that were not understood. */
export const parseDatabaseUrl = (text: string, directory: string): Address => {
  const [, scheme = '', rest = ''] = /^([a-z]+):([\s\S]*)$/i.exec(text) ?? [];
  if (scheme.toLowerCase() === 'sqlite') return parseFile(rest, directory);
  const dialect = Object.hasOwn(schemes, scheme.toLowerCase()) ? schemes[scheme.toLowerCase()] : undefined;
  if (dialect === undefined || !rest.startsWith('//')) return wrong('does not begin with postgres://, mysql:// or sqlite:');
  const [, login = '', hosts = '', database = '', query = ''] =
    /^\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#/]*))?(?:\?([^#]*))?$/.exec(rest) ??
    wrong('cannot be taken apart', `${examples} Write /, ?, #, @ and % in the password as %2F, %3F, %23, %40 and %25.`);
  const colon = login.indexOf(':');
  const user = decoded(colon < 0 ? login : login.slice(0, colon), 'user');
  const password = colon < 0 ? '' : decoded(login.slice(colon + 1), 'password');
  if (user === '') return wrong('names no user');
  if (database === '') return wrong('names no database');
  const settings = readSettings(query, dialect);
  const parts = { dialect, user, password, database: decoded(database, 'database') };
  const { tls } = settings;
  const socket = socketOf(settings, hosts, dialect);
  const found = socket === undefined ? readHosts(hosts, defaultPorts[dialect]) : [{ socket }];
  return { ...parts, hosts: found, ...(tls === undefined ? {} : { tls }) };
};

const parseFile = (rest: string, directory: string): Address => {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.startsWith('//') || path.includes('?') || path === ':memory:')
    return wrong('names no file', 'Write sqlite:PATH.');
  return { dialect: 'sqlite', path: isAbsolute(path) ? path : resolve(directory, path) };
};

const decoded = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong(`has a ${what} with a stray %`, 'Write % as %25.');
  }
};

const readHosts = (text: string, defaultPort: number): readonly Host[] =>
  text.split(',').map((one) => {
    const parsed = parseHostPort(one);
    if (parsed === undefined) return wrong(one === '' ? 'names no host' : `has a host that cannot be read: ${one}`);
    return { host: parsed.host, port: parsed.port ?? defaultPort };
  });

interface Settings {
  readonly socket?: string;
  /** Where PostgreSQL's sockets are. */
  readonly folder?: string;
  /** Of the socket in `folder`. */
  readonly port?: number;
  readonly tls?: boolean;
}

/** As libpq has it: in a folder, the socket's name is made from the port, which stands where a host's would or in a setting. */
const socketOf = ({ socket, folder, port }: Settings, hosts: string, dialect: 'postgres' | 'mysql'): string | undefined => {
  if (folder === undefined) return port === undefined ? socket : wrong('has the setting port without a folder', 'Write HOST:PORT.');
  const [, written] = /^:(\d{1,5})$/.exec(hosts) ?? [];
  return `${folder}/.s.PGSQL.${port ?? written ?? defaultPorts[dialect]}`;
};

/** Only what is understood: a setting that is silently ignored may be the one that asks for TLS. */
const readSettings = (query: string, dialect: 'postgres' | 'mysql'): Settings =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .reduce<Settings>((settings, pair) => {
      const [key = '', value = ''] = pair.split('=', 2).map((part) => decoded(part, 'setting'));
      return { ...settings, ...readSetting(key, value, dialect) };
    }, {});

const readSetting = (key: string, value: string, dialect: 'postgres' | 'mysql'): Settings => {
  if (key === 'sslmode' && value === 'disable') return { tls: false };
  if (key === 'sslmode' && value === 'verify-full') return { tls: true };
  if (key === 'sslmode') return wrong('has an sslmode other than disable and verify-full', 'Use the option tls, which always verifies.');
  if (key === 'socket' && isAbsolute(value)) return { socket: value };
  if (key === 'host' && isAbsolute(value) && dialect === 'postgres') return { folder: value };
  if (key === 'port' && /^\d{1,5}$/.test(value) && dialect === 'postgres') return { port: Number(value) };
  return wrong(
    `has a setting that is not known: ${key}`,
    'There are sslmode (disable, verify-full), socket (an absolute path) and, for PostgreSQL, host (a folder of sockets) with port.',
  );
};
