import type { Clock } from '@postern/contract';
import { DirectoryTrouble, reasonOf } from '../directory-types.js';
import type { BindResult, Connection, Entry, Query, SearchResult, ServerAddress, TlsSettings } from '../directory-types.js';
import { Exchange, longestReply, type Answer } from './exchange.js';
import type { Client, SetupClient } from './library.js';
import { NoLdap } from './nodes.js';
import { Outbox } from './outbox.js';
import { replyFrom } from './reply.js';
import { bindRequest, searchRequest } from './requests.js';
import { deaths, troubleOf } from './trouble.js';
import { UnderWay } from './under-way.js';
import { Wire } from './wire.js';

const ignore = (): void => undefined;

/** What a connection works with. */
export interface ConnectionParts {
  readonly clock: Clock;
  /** Milliseconds until an operation must be answered. */
  readonly operationMs: number;
}

/**
 * One ldapjs client with one life. It never reconnects: with `reconnect`, ldapjs sends the next password in clear text after a
 * StartTLS connection dropped. Whatever goes wrong ends it at once, socket included, and everything that waited for it.
 */
export class LdapjsConnection implements Connection {
  readonly address: ServerAddress;
  readonly #client: Client;
  readonly #wire: Wire;
  readonly #parts: ConnectionParts;
  #death: Error | undefined;
  /** From here on nothing of what comes in is ldapjs's. */
  #ready = false;
  #lastId = 0;
  /** Bytes since the last request that belong to none. */
  #stray = 0;
  #fail: (cause: Error) => void = ignore;
  readonly #underWay: UnderWay;
  /** Past ldapjs's own book of requests, since their answers do not come to it. */
  readonly #outbox = new Outbox((bytes) => this.#wire.write(bytes));

  constructor(client: Client, address: ServerAddress, parts: ConnectionParts) {
    this.#client = client;
    this.address = address;
    this.#parts = parts;
    this.#underWay = new UnderWay(parts.clock, parts.operationMs, () => this.#die(this.#late()));
    client.setMaxListeners(0);
    const broke = (cause: unknown): void => this.#die(troubleOf(address.url, 'error', cause));
    this.#wire = new Wire({ client, address, heard: (message) => this.#read(message), broke });
    for (const event of deaths) client.on(event, (cause: unknown) => this.#die(troubleOf(address.url, event, cause)));
  }

  get broken(): boolean {
    return this.#death !== undefined;
  }

  /** Settles when the connection can be used: connected, and secured if it is to be. */
  ready(connectMs: number, tls: TlsSettings): Promise<this> {
    return new Promise((resolve, reject) => {
      const forgetTime = this.#parts.clock.after(connectMs, () =>
        this.#die(new DirectoryTrouble('late', `${this.address.url} did not take the connection in time`)),
      );
      this.#fail = (cause) => {
        forgetTime();
        reject(cause);
      };
      this.#client.on('setup', (inner: SetupClient, next: (error?: unknown) => void) => this.#wire.setUp(inner, tls, next));
      this.#client.on('connect', () => {
        this.#dieIfInsecure();
        if (this.broken) return;
        forgetTime();
        this.#fail = ignore;
        this.#ready = true;
        resolve(this);
      });
    });
  }

  async bind(name: string, password: Uint8Array, signal: AbortSignal): Promise<BindResult> {
    // RFC 4513 section 5.1.2: a name without a password is anonymous, and many a server calls that a success.
    if (password.length === 0) throw new Error('an empty password is never sent');
    this.#dieIfInsecure();
    const { code, message, policyError } = await this.#exchange((id) => bindRequest(id, name, password), 'bound', signal, ignore);
    return { code, message, policyError };
  }

  async search(query: Query, signal: AbortSignal): Promise<SearchResult> {
    const entries: Entry[] = [];
    const seconds = Math.ceil(this.#parts.operationMs / 1000);
    const { code, message } = await this.#exchange(
      (id) => searchRequest(id, query, seconds),
      'done',
      signal,
      (entry) => {
        if (entries.length < 2) entries.push(entry);
      },
    );
    return { code, message, entries };
  }

  destroy(): void {
    this.#die(new DirectoryTrouble('lost', 'the connection was closed'));
  }

  /** The answer to StartTLS is ldapjs's; everything after it is read here. */
  #read(message: Buffer): void {
    if (this.broken) return;
    const reply = this.#ready ? replyFrom(message) : undefined;
    const exchange = reply === undefined ? undefined : this.#underWay.get(reply.id);
    if (reply === undefined || exchange === undefined) return this.#readStray(message, reply?.id);
    if (!exchange.hear(reply, message.length)) return;
    this.#underWay.delete(exchange.id);
    if (this.#underWay.size > 0) this.#endIfForsaken(new DirectoryTrouble('lost', 'nobody waits for the rest of the answers'));
  }

  /**
   * A server may speak by itself under the number 0 (RFC 4511 section 4.4): it closes the connection, or says no more. One that answers
   * what is not under way mixes requests up: what it says to the others cannot be trusted either.
   */
  #readStray(message: Buffer, id: number | undefined): void {
    this.#stray += message.length;
    if (this.#stray > longestReply) throw new NoLdap('the answer is too long');
    if (id === undefined) this.#wire.handToLdapjs(message);
    else if (id !== 0) throw new NoLdap('the answer is to nothing that was asked');
  }

  /** One request and its answer. Searches may be under way together; what one caller does or suffers alone ends for that one alone. */
  #exchange(
    request: (id: number) => Buffer,
    expected: Answer['kind'],
    signal: AbortSignal,
    found: (entry: Entry) => void,
  ): Promise<Answer> {
    if (this.#death !== undefined || signal.aborted) return Promise.reject(this.#death ?? reasonOf(signal));
    if (this.#underWay.alone || (expected === 'bound' && this.#underWay.size > 0))
      return Promise.reject(new Error('a bind wants the connection for itself'));
    const id = (this.#lastId += 1);
    const bytes = request(id);
    const startedAt = this.#parts.clock.monotonic();
    const exchange = new Exchange({ id, expected, found, startedAt, signal, gaveUp: (by) => this.#giveUp(by) });
    this.#stray = 0;
    this.#underWay.add(exchange);
    this.#outbox.add(bytes);
    return exchange.answered;
  }

  /** Its answer is still taken when it comes, by nobody. */
  #giveUp(exchange: Exchange): void {
    const { clock, operationMs } = this.#parts;
    // A host that is in more of a hurry than `timeout` must not hide that the server is slow.
    const slow = clock.monotonic() - exchange.startedAt > operationMs / 2;
    const cause = slow ? this.#late(exchange.reason) : exchange.reason;
    exchange.fail(cause);
    this.#endIfForsaken(cause);
  }

  #endIfForsaken(cause: Error): void {
    if (!this.#underWay.awaited) this.#die(cause);
  }

  #dieIfInsecure(): void {
    if (!this.#wire.secured) this.#die(new DirectoryTrouble('broken', `the connection to ${this.address.url} is not secured`));
  }

  #late(cause?: unknown): DirectoryTrouble {
    return new DirectoryTrouble('late', `${this.address.url} did not answer in time`, cause);
  }

  #die(cause: Error): void {
    if (this.#death !== undefined) return;
    this.#death = cause;
    this.#wire.cut(cause);
    this.#outbox.clear();
    this.#fail(cause);
    this.#underWay.fail(cause);
  }
}
