import { EventEmitter } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import type { Clock } from '@postern/contract';
import { DirectoryTrouble, reasonOf } from '../directory-types.js';
import type { BindResult, Connection, Query, SearchResult, ServerAddress, TlsSettings } from '../directory-types.js';
import { entryFrom } from './entry.js';
import { Frames, NoLdap } from './frames.js';
import type { Answer, Client, DnReader, FoundEntry, SetupClient } from './library.js';
import type { Messages } from './messages.js';

/** Firewalls forget silent connections; a dead one is found between logins, not by one. */
const keepAliveMs = 30_000;
/** Of all messages to one request, in bytes: one person's entry is far smaller. */
const longestReply = 8 * 1024 * 1024;
const policyControl = '1.3.6.1.4.1.42.2.27.8.5.1';

/** Makes every result code an answer. ldapjs throws at codes it does not know, out of a socket's event, and drops the controls of errors. */
const anyResult = { indexOf: () => 0 };

const ignore = (): void => undefined;

const deaths = ['error', 'connectError', 'connectRefused', 'connectTimeout', 'setupError', 'socketTimeout', 'end', 'close'] as const;

export const tlsOptions = ({ host }: ServerAddress, { ca, cert, key, serverName, minVersion }: TlsSettings): ConnectionOptions => {
  const name = serverName ?? host;
  return {
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // Told nothing, StartTLS would look for the name `localhost`; and a name of one's own must not become the host to connect to.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    minVersion,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
};

/** What a connection works with. */
export interface ConnectionParts {
  readonly messages: Messages;
  readonly names: DnReader;
  readonly clock: Clock;
  /** Milliseconds until an operation must be answered. */
  readonly operationMs: number;
}

/**
 * One ldapjs client with one life. It never reconnects: with `reconnect`, ldapjs sends the next password in clear text after a
 * StartTLS connection dropped. Whatever goes wrong ends it at once, socket included, and everything that waited for it.
 */
export class LdapjsConnection implements Connection {
  readonly #client: Client;
  readonly #address: ServerAddress;
  readonly #parts: ConnectionParts;
  readonly #listeners: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #frames = new Frames();
  #death: Error | undefined;
  #received = 0;
  #fail: (cause: Error) => void = ignore;

  constructor(client: Client, address: ServerAddress, parts: ConnectionParts) {
    this.#client = client;
    this.#address = address;
    this.#parts = parts;
    client.setMaxListeners(0);
    for (const event of deaths) client.on(event, (cause: unknown) => this.#die(this.#trouble(event, cause)));
    client.on('close', () => this.#hush());
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  onDeath(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Settles when the connection can be used: connected, and secured if it is to be. */
  ready(connectMs: number, tls: TlsSettings): Promise<this> {
    return new Promise((resolve, reject) => {
      const forgetTime = this.#parts.clock.after(connectMs, () =>
        this.#die(new DirectoryTrouble('late', `${this.#address.url} did not take the connection in time`)),
      );
      this.#fail = (cause) => {
        forgetTime();
        reject(cause);
      };
      this.#client.on('setup', (inner: SetupClient, next: (error?: unknown) => void) => this.#setUp(inner, tls, next));
      this.#client.on('connect', () => {
        if (!this.#secured) this.#die(new DirectoryTrouble('broken', `the connection to ${this.#address.url} is not secured`));
        if (!this.alive) return;
        forgetTime();
        this.#fail = ignore;
        resolve(this);
      });
    });
  }

  async bind(name: string, password: Uint8Array, signal: AbortSignal): Promise<BindResult> {
    // RFC 4513 section 5.1.2: a name without a password is anonymous, and many a server calls that a success.
    if (password.length === 0) throw new Error('an empty password is never sent');
    if (!this.#secured) this.#die(new DirectoryTrouble('broken', `the connection to ${this.#address.url} is not secured`));
    const answer = await this.#exchange(this.#parts.messages.bind(name, password), 'BindResponse', signal);
    const policy = answer.controls.find((control) => control.type === policyControl);
    return { code: answer.status, message: answer.diagnosticMessage, policyError: policy?.value?.error };
  }

  async search(query: Query, signal: AbortSignal): Promise<SearchResult> {
    const found: FoundEntry[] = [];
    const request = this.#parts.messages.search(query, Math.ceil(this.#parts.operationMs / 1000));
    // References to other servers (RFC 4511 section 4.5.3) come as an event of their own, to which nobody listens.
    const entries = new EventEmitter().on('searchEntry', (entry: FoundEntry) => {
      if (found.length < 2) found.push(entry);
    });
    const answer = await this.#exchange(request, 'SearchResultDone', signal, entries);
    return { code: answer.status, message: answer.diagnosticMessage, entries: found.map((each) => entryFrom(this.#parts.names, each)) };
  }

  close(): void {
    this.#die(new DirectoryTrouble('lost', 'the connection was closed'));
  }

  get #secured(): boolean {
    const socket = this.#client._socket;
    if (this.#address.security === 'none') return true;
    return socket !== null && 'authorized' in socket && socket.authorized;
  }

  /** ldapjs's hook between connecting and the first request: the one place where StartTLS cannot be forgotten. */
  #setUp(inner: SetupClient, tls: TlsSettings, next: (error?: unknown) => void): void {
    this.#adopt();
    if (!this.alive) return next(this.#death);
    if (this.#address.security !== 'starttls') return next();
    inner.starttls(tlsOptions(this.#address, tls), undefined, (error) => {
      // Bytes that came in clear text must not become the beginning of an answer under TLS.
      if (error != null || !this.#frames.empty || !this.alive) return next(error ?? new Error('clear text after StartTLS'));
      this.#adopt();
      next();
    });
  }

  /** Takes the bytes over from ldapjs, whose own listener lets exceptions escape. */
  #adopt(): void {
    const socket = this.#client._socket;
    if (socket === null) return;
    this.#sockets.add(socket);
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', ignore);
    if (!this.alive) socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const parser = this.#client._tracker?.parser;
    this.#received += chunk.length;
    try {
      if (this.#received > longestReply) throw new NoLdap('the answer is too long');
      for (const message of this.#frames.push(chunk)) if (this.alive) parser?.write(message);
    } catch (error) {
      this.#die(this.#trouble('error', error));
    }
  }

  /** One request and its answer. Nothing else may be under way: the pool sees to it. */
  #exchange(request: object, expected: string, signal: AbortSignal, entries: EventEmitter | null = null): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined || signal.aborted) return reject(this.#death ?? reasonOf(signal));
      const { clock, operationMs } = this.#parts;
      const startedAt = clock.monotonic();
      const late = (cause?: unknown): DirectoryTrouble =>
        new DirectoryTrouble('late', `${this.#address.url} did not answer in time`, cause);
      // A host that is in more of a hurry than `timeout` must not hide that the server is slow.
      const giveUp = (): void => this.#die(clock.monotonic() - startedAt > operationMs / 2 ? late(signal.reason) : reasonOf(signal));
      const forgetTime = clock.after(operationMs, () => this.#die(late()));
      const settle = (finish: () => void): void => {
        forgetTime();
        signal.removeEventListener('abort', giveUp);
        this.#fail = ignore;
        finish();
      };
      const answered = (answer: Answer | undefined): void => {
        if (answer?.type === expected) settle(() => resolve(answer));
        else this.#die(this.#trouble('error', new Error('the answer is not to what was asked')));
      };
      const failed = (error: unknown): void => this.#die(this.#trouble('error', error));
      this.#fail = (cause) => settle(() => reject(cause));
      this.#received = 0;
      signal.addEventListener('abort', giveUp, { once: true });
      entries?.on('end', answered).on('error', failed);
      try {
        this.#client._send(request, anyResult, entries, (error, answer) => {
          if (error != null) failed(error);
          else if (entries === null) answered(answer);
        });
      } catch (error) {
        failed(error);
      }
    });
  }

  #trouble(event: (typeof deaths)[number], cause: unknown): DirectoryTrouble {
    const { url } = this.#address;
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
    const said = cause instanceof Error ? `: ${cause.message}` : '';
    if (event === 'end' || event === 'close') return new DirectoryTrouble('lost', `${url} closed the connection`, cause);
    if (event === 'error' && code === '') return new DirectoryTrouble('broken', `${url}${said}`, cause);
    return new DirectoryTrouble('lost', `${url} cannot be reached${code}${said}`, cause);
  }

  #die(cause: Error): void {
    if (this.#death !== undefined) return;
    this.#death = cause;
    try {
      this.#client.destroy();
    } catch {
      // It is gone all the same: its sockets are destroyed here.
    }
    for (const socket of this.#sockets) socket.destroy();
    this.#fail(cause);
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** ldapjs takes all listeners away from a socket that closed; a late error must not find none. */
  #hush(): void {
    for (const socket of this.#sockets) socket.on('error', ignore);
  }
}
