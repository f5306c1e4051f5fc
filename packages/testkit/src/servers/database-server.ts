import type { KeyPair } from './certificates.js';

export interface DatabaseServerOptions {
  /** Default: the kind's name. Two servers in one room need two names. */
  readonly name?: string;
  /** SQL that is run in the database once, as its owner. */
  readonly setup?: string;
  /** Settings of the server, added to the harness's own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Offers TLS with this certificate. */
  readonly tls?: KeyPair;
}

/** A running PostgreSQL or MariaDB with one database `mail` and one user `postern` who may do everything in it. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** With user and password. */
  readonly url: string;
  /** Runs statements as the administrator and answers what the server's own client prints: a row a line, columns parted by tabs. */
  sql(statements: string): Promise<string>;
  /** The server's log with every statement it got and the values that were bound. */
  output(): Promise<string>;
  stop(): Promise<void>;
  /** Again, on the same port and with the same data. */
  start(): Promise<void>;
}

export const databaseLogin = { user: 'postern', password: 'pw of postern, for tests', database: 'mail' } as const;
