import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** The parts of ldapjs 3.0.7 that are used here, the undocumented ones included: the version is pinned, and nothing outside this folder knows them. */
export interface Library extends FilterClasses {
  createClient(options: { url: string; connectTimeout: number; tlsOptions: ConnectionOptions }): Client;
  readonly BindRequest: new (options: object) => RequestMessage;
  readonly SearchRequest: new (options: object) => RequestMessage;
  readonly PasswordPolicyControl: new () => object;
}

export interface FilterClasses {
  readonly AndFilter: FilterClass;
  readonly OrFilter: FilterClass;
  readonly NotFilter: FilterClass;
  readonly PresenceFilter: FilterClass;
  readonly EqualityFilter: FilterClass;
  readonly GreaterThanEqualsFilter: FilterClass;
  readonly LessThanEqualsFilter: FilterClass;
  readonly ApproximateFilter: FilterClass;
  readonly SubstringFilter: FilterClass;
  readonly ExtensibleFilter: FilterClass;
}

export type FilterClass = new (options: object) => object;

export interface Client extends EventEmitter {
  readonly urls: { hostname: string }[];
  _socket: Socket | TLSSocket | null;
  _tracker: { readonly parser: { write(message: Buffer): void } } | null;
  destroy(): void;
}

export interface SetupClient {
  starttls(options: ConnectionOptions, controls: undefined, callback: (error?: Error | null) => void): void;
}

export interface RequestMessage {
  messageId: number;
  toBer(): { readonly buffer: Buffer };
}

export interface Writer {
  startSequence(tag?: number): void;
  endSequence(): void;
  writeInt(value: number): void;
  writeString(text: string): void;
  writeBuffer(bytes: Buffer, tag: number): void;
}
