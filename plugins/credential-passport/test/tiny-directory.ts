import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

type Next = (error?: Error) => void;

interface Request {
  readonly dn: { toString(): string };
  readonly credentials: string;
  readonly filter: { matches(entry: object): boolean; toString(): string };
}

interface Response {
  send(entry: object): void;
  end(): void;
}

interface Server {
  bind(base: string, handler: (request: Request, response: Response, next: Next) => void): void;
  search(base: string, handler: (request: Request, response: Response, next: Next) => void): void;
  listen(port: number, host: string, ready: () => void): void;
  close(done: () => void): void;
  on(event: 'error', handler: (error: Error) => void): void;
  readonly server: { address(): AddressInfo; on(event: 'connection', handler: (socket: { destroy(): void }) => void): void };
}

interface Ldapjs {
  createServer(): Server;
  readonly InvalidCredentialsError: new () => Error;
  readonly UnavailableError: new () => Error;
}

/** The LDAP library that passport-ldapauth itself uses. */
const fromStrategy = createRequire(createRequire(import.meta.url).resolve('passport-ldapauth'));
const ldapjs = createRequire(fromStrategy.resolve('ldapauth-fork'))('ldapjs') as Ldapjs;

export interface Person {
  readonly user: string;
  readonly password: string;
}

const base = 'ou=people,dc=example,dc=org';
const service = { dn: 'cn=reader,dc=example,dc=org', password: 'Secret-of-the-reader' };

/** A directory on a random port of 127.0.0.1: a service account that may search, and people who may bind. */
export class TinyDirectory {
  readonly url: string;
  /** Filters that were searched with. */
  readonly filters: string[] = [];
  /** `silent`: takes what it is sent and never answers. */
  mode: 'answering' | 'unavailable' | 'silent' = 'answering';
  readonly #server: Server;
  readonly #sockets: { destroy(): void }[] = [];

  private constructor(server: Server, people: readonly Person[]) {
    this.#server = server;
    this.url = `ldap://127.0.0.1:${server.server.address().port}`;
    const entries = people.map(({ user, password }) => ({
      password,
      dn: `uid=${user.replaceAll('@', '-at-')},${base}`,
      attributes: { objectclass: ['person'], uid: user.split('@')[0], mail: user, mailhost: 'mail-a', userpassword: 'canary-hash' },
    }));
    const passwords = new Map([[service.dn, service.password], ...entries.map(({ dn, password }) => [dn, password] as const)]);
    server.bind('dc=example,dc=org', (request, response, next) => {
      const dn = request.dn.toString().replaceAll(', ', ',');
      if (this.mode === 'silent') return;
      if (this.mode === 'unavailable') return next(new ldapjs.UnavailableError());
      if (passwords.get(dn) !== request.credentials) return next(new ldapjs.InvalidCredentialsError());
      response.end();
      next();
    });
    server.search(base, (request, response, next) => {
      this.filters.push(request.filter.toString());
      for (const { dn, attributes } of entries) if (request.filter.matches(attributes)) response.send({ dn, attributes });
      response.end();
      next();
    });
  }

  static async open(people: readonly Person[]): Promise<TinyDirectory> {
    const server = ldapjs.createServer();
    server.on('error', () => undefined);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const directory = new TinyDirectory(server, people);
    server.server.on('connection', (socket) => directory.#sockets.push(socket));
    return directory;
  }

  /** What passport-ldapauth is to be told. */
  get options(): Readonly<Record<string, unknown>> {
    return {
      server: {
        url: this.url,
        bindDN: service.dn,
        bindCredentials: { env: 'READER' },
        searchBase: base,
        searchFilter: '(mail={{username}})',
        connectTimeout: 1000,
      },
    };
  }

  static readonly env = { READER: service.password };

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => this.#server.close(done));
  }
}
