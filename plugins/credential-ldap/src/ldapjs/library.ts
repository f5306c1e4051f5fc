import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** The parts of ldapjs 3.0.7 that are used here, the undocumented ones included: the version is pinned, and nothing outside this folder knows them. */
export interface Library {
  createClient(options: { url: string; connectTimeout: number; tlsOptions: ConnectionOptions }): Client;
}

export interface Client extends EventEmitter {
  readonly urls: { hostname: string }[];
  _socket: Socket | TLSSocket | null;
  _tracker: { readonly parser: { write(message: Buffer): void } } | null;
  destroy(): void;
}

export interface SetupClient {
  starttls(options: ConnectionOptions, controls: undefined, callback: (error?: Error | null) => void): void;
}
