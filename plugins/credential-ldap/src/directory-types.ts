import type { Pooled } from '@postern/pool';
import type { Filter } from './filter/filter.js';

/** One of the configured servers. */
export interface ServerAddress {
  /** As configured; holds no secret. */
  readonly url: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** `none` is clear text. */
  readonly security: 'none' | 'starttls' | 'tls';
}

/** What TLS is to be held against, PEM texts. */
export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name that the certificate must bear, in place of the URL's. */
  readonly serverName?: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** What a directory answered to an operation. `code` is RFC 4511's result code. */
export interface Result {
  readonly code: number;
  /** The directory's own words; Active Directory tells why in them. They are for the log alone. */
  readonly message: string;
}

export interface BindResult extends Result {
  /** `error` of the password policy response (draft-behera-ldap-password-policy section 6.2). */
  readonly policyError?: number | undefined;
}

export interface Query {
  /** A DN, sent as it is. */
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter<Buffer>;
  readonly attributes: readonly string[];
}

export interface SearchResult extends Result {
  /** At most two: who asks for one person needs to know of no more. */
  readonly entries: readonly Entry[];
}

/** An entry as the directory gave it. */
export class Entry {
  /** Undefined when it cannot be told for certain; nobody can be logged in under it then. */
  readonly dn: string | undefined;
  readonly #values: ReadonlyMap<string, readonly Buffer[]>;

  /** `values` by attribute, in lower case. */
  constructor(dn: string | undefined, values: ReadonlyMap<string, readonly Buffer[]>) {
    this.dn = dn;
    this.#values = values;
  }

  /** Empty when the entry lacks the attribute or it may not be read. */
  values(attribute: string): readonly Buffer[] {
    return this.#values.get(attribute.toLowerCase()) ?? [];
  }
}

/** The server could not be asked or did not answer. Never says anything about a password. */
export class DirectoryTrouble extends Error {
  override readonly name = 'DirectoryTrouble';
  /** `lost`: the connection ended; `late`: no answer in time; `broken`: the answer makes no sense, or TLS does not hold. */
  readonly kind: 'lost' | 'late' | 'broken';

  constructor(kind: DirectoryTrouble['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** Why a signal aborted, as an error. */
export const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('given up', { cause: signal.reason });

/**
 * One connection with one life. Searches may be under way together on it, a bind alone. After any trouble it is dead and never used
 * again; that a caller gives up is trouble when nobody else waits for an answer.
 */
export interface Connection extends Pooled {
  readonly address: ServerAddress;
  /** Rejects with a `DirectoryTrouble`, or the signal's reason. The password must not be empty. */
  bind(name: string, password: Uint8Array, signal: AbortSignal): Promise<BindResult>;
  search(query: Query, signal: AbortSignal): Promise<SearchResult>;
}

/** How to get connections. The one thing that another LDAP library would have to bring. */
export interface Directory {
  /** Rejects with a `DirectoryTrouble` when there is no secured connection in time. */
  open(server: ServerAddress, tls: TlsSettings): Promise<Connection>;
}
