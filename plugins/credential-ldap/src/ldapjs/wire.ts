import type { Socket } from 'node:net';
import type { ServerAddress, TlsSettings } from '../directory-types.js';
import { Frames } from './frames.js';
import type { Client, SetupClient } from './library.js';
import { tlsOptions } from './tls-options.js';

/** Firewalls forget silent connections; a dead one is found between logins, not by one. */
const keepAliveMs = 30_000;
const ignore = (): void => undefined;

export interface WireParts {
  readonly client: Client;
  readonly address: ServerAddress;
  /** Told of each whole message. What it throws is told to `broke`. */
  readonly heard: (message: Buffer) => void;
  readonly broke: (cause: unknown) => void;
}

/** The sockets beneath a ldapjs client: the plain one, and the one that StartTLS puts on top. Their bytes come here, not to ldapjs. */
export class Wire {
  readonly #parts: WireParts;
  readonly #sockets = new Set<Socket>();
  readonly #frames = new Frames();
  #end: Error | undefined;

  constructor(parts: WireParts) {
    this.#parts = parts;
    parts.client.on('close', () => this.#hush());
  }

  /** Whether it is as safe as the config wants it. */
  get secured(): boolean {
    const socket = this.#parts.client._socket;
    if (this.#parts.address.security === 'none') return true;
    return socket !== null && 'authorized' in socket && socket.authorized;
  }

  /** ldapjs's hook between connecting and the first request: the one place where StartTLS cannot be forgotten. */
  setUp(inner: SetupClient, tls: TlsSettings, next: (error?: unknown) => void): void {
    this.#adopt();
    if (this.#end !== undefined) return next(this.#end);
    const { address } = this.#parts;
    if (address.security !== 'starttls') return next();
    inner.starttls(tlsOptions(address, tls), undefined, (error) => {
      // Bytes that came in clear text must not become the beginning of an answer under TLS.
      if (error != null || !this.#frames.empty || this.#end !== undefined) return next(error ?? new Error('clear text after StartTLS'));
      this.#adopt();
      next();
    });
  }

  write(bytes: Buffer): void {
    try {
      this.#parts.client._socket?.write(bytes);
    } catch (error) {
      this.#parts.broke(error);
    }
  }

  /** The answer to StartTLS: ldapjs asked, so ldapjs reads it. */
  handToLdapjs(message: Buffer): void {
    this.#parts.client._tracker?.parser.write(message);
  }

  /** At once. A socket that is still to come is destroyed when it comes. */
  cut(why: Error): void {
    this.#end = why;
    try {
      this.#parts.client.destroy();
    } catch {
      // It is gone all the same: its sockets are destroyed here.
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Takes the bytes over from ldapjs, whose own listener lets exceptions escape. */
  #adopt(): void {
    const socket = this.#parts.client._socket;
    if (socket === null) return;
    this.#sockets.add(socket);
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', ignore);
    if (this.#end !== undefined) socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#frames.push(chunk)) this.#parts.heard(message);
    } catch (error) {
      this.#parts.broke(error);
    }
  }

  /** ldapjs takes all listeners away from a socket that closed; a late error must not find none. */
  #hush(): void {
    for (const socket of this.#sockets) socket.on('error', ignore);
  }
}
