import type { Clock } from '@postern/contract';
import ldapjs from 'ldapjs';
import type { Connection, Directory, ServerAddress, TlsSettings } from './directory-types.js';
import { LdapjsConnection, type ConnectionParts } from './ldapjs/connection.js';
import type { Library } from './ldapjs/library.js';
import { tlsOptions } from './ldapjs/tls-options.js';

const library = ldapjs as unknown as Library;

export interface DirectoryTimes {
  /** Milliseconds until a connection must be there, secured. */
  readonly connectMs: number;
  /** Milliseconds until an operation must be answered. */
  readonly operationMs: number;
}

/** Directories by ldapjs, which nothing else imports: another library would be another `Directory`. */
export class LdapjsDirectory implements Directory {
  readonly #connectMs: number;
  readonly #parts: ConnectionParts;

  constructor(clock: Clock, { connectMs, operationMs }: DirectoryTimes) {
    this.#connectMs = connectMs;
    this.#parts = { clock, operationMs };
  }

  open(server: ServerAddress, tls: TlsSettings): Promise<Connection> {
    const client = library.createClient({
      url: `${server.security === 'tls' ? 'ldaps' : 'ldap'}://localhost:${server.port}`,
      // ldapjs's own timer, since nobody else can reach a socket that is still connecting.
      connectTimeout: this.#connectMs,
      tlsOptions: tlsOptions(server, tls),
    });
    // From a URL it would look an IPv6 address up with its brackets.
    for (const url of client.urls) url.hostname = server.host;
    return new LdapjsConnection(client, server, this.#parts).ready(this.#connectMs, tls);
  }
}
