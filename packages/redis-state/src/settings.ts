export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is. */
export type Topology =
  | { readonly kind: 'single'; readonly server: Address | { readonly path: string }; readonly database: number }
  | { readonly kind: 'sentinel'; readonly sentinels: readonly Address[]; readonly name: string; readonly password?: string }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[] };

/** What `node:tls` is given; the server's certificate is always verified. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must be for. Absent: the host that was connected to. */
  readonly servername?: string;
}

export interface RedisSettings {
  readonly topology: Topology;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsMaterial;
  /** In front of every key and channel. */
  readonly prefix: string;
  /** Milliseconds that one answer may take. */
  readonly timeoutMs: number;
  /** Milliseconds that `open` waits for Redis at most. Default 2000. */
  readonly patienceMs?: number;
}
