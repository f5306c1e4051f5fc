import { isAbsolute, resolve } from 'node:path';
import { BindingError, type SecretSource, SecretUrl } from '@postern/contract';

/** Where the book of a migration is. */
export interface LedgerAddress {
  /** As the database package takes it; a file with its absolute path. Holds the password. */
  readonly text: string;
  readonly password: string;
}

/** A database's URL from the config, for the ledger. */
export class LedgerUrl extends SecretUrl<LedgerAddress> {
  constructor(source: SecretSource) {
    super(source, {
      parse: (text, { directory }) => parseLedgerUrl(text, directory),
      password: ({ password }) => password,
      told: ({ text }) => text.replace(/^([a-z]+:\/\/[^:/?#@]+):[^/?#@]*@/i, '$1@'),
      unread: '[ledger]',
    });
  }
}

const wrong = (message: string): never => {
  throw new BindingError(
    `the ledger's URL ${message}`,
    'Write sqlite:PATH, postgres://USER:PASSWORD@HOST[:PORT]/DATABASE, or mysql://… in the same way.',
  );
};

/** Throws a `BindingError` that holds nothing of the URL. */
const parseLedgerUrl = (text: string, directory: string): LedgerAddress => {
  const [, scheme = '', rest = ''] = /^([a-z]+):([\s\S]*)$/i.exec(text) ?? [];
  if (scheme.toLowerCase() === 'sqlite') return { text: `sqlite:${fileIn(rest, directory)}`, password: '' };
  if (!/^(?:postgres|postgresql|mysql|mariadb)$/i.test(scheme)) return wrong('does not begin with sqlite:, postgres:// or mysql://');
  const [, login = ''] = /^\/\/([^/?#@]+)@[^/?#@]*\/[^?#/]+(?:\?[^#]*)?$/.exec(rest) ?? wrong('names no user, host or database');
  const colon = login.indexOf(':');
  try {
    return { text, password: colon < 0 ? '' : decodeURIComponent(login.slice(colon + 1)) };
  } catch {
    return wrong('has a stray % in its password');
  }
};

const fileIn = (rest: string, directory: string): string => {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.startsWith('//') || path.includes('?') || path === ':memory:') return wrong('names no file');
  return isAbsolute(path) ? path : resolve(directory, path);
};
