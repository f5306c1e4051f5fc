import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** The parts of ldapjs 3.0.7 that are used here, the undocumented ones included: the version is pinned, and nothing outside this folder knows them. */
export interface Library extends FilterClasses {
  createClient(options: { url: string; connectTimeout: number; tlsOptions: ConnectionOptions }): Client;
  readonly BindRequest: new (options: object) => object;
  readonly SearchRequest: new (options: object) => object;
  readonly PasswordPolicyControl: new () => object;
  readonly DN: DnReader;
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

export interface DnReader {
  fromString(text: string): { toString(): string };
}

export type FilterClass = new (options: object) => object;

export interface Client extends EventEmitter {
  readonly urls: { hostname: string }[];
  _socket: Socket | TLSSocket | null;
  _tracker: { readonly parser: { write(message: Buffer): void } } | null;
  _send(message: object, expected: object, emitter: EventEmitter | null, callback: (error: unknown, answer?: Answer) => void): void;
  destroy(): void;
}

export interface SetupClient {
  starttls(options: ConnectionOptions, controls: undefined, callback: (error?: Error | null) => void): void;
}

export interface Answer {
  readonly type: string;
  readonly status: number;
  readonly diagnosticMessage: string;
  readonly controls: readonly { readonly type: string; readonly value?: { readonly error?: number } }[];
}

export interface FoundEntry {
  readonly objectName: { toString(): string };
  readonly attributes: readonly { readonly type: string; readonly buffers: readonly Buffer[] }[];
}

export interface Writer {
  startSequence(tag?: number): void;
  endSequence(): void;
  writeInt(value: number): void;
  writeString(text: string): void;
  writeBuffer(bytes: Buffer, tag: number): void;
}
