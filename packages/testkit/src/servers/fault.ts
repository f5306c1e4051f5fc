/** What a `FaultyProxy` does to the connections through it. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Nobody listens; connections that are open are closed. */
  | { readonly kind: 'refuse' }
  /** Connections are taken and nothing is ever said on them; open ones fall silent. */
  | { readonly kind: 'black-hole' }
  /** Every piece of a reply comes this many milliseconds late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** This many bytes of replies pass on each connection, then it is closed. */
  | { readonly kind: 'drop-mid-reply'; readonly bytes: number }
  /** Every piece of a reply is replaced by as many bytes that mean nothing. */
  | { readonly kind: 'garbage' }
  /** Connections that are open fall silent without being closed, as after a firewall forgot them; new ones pass. */
  | { readonly kind: 'half-open' }
  /** The connection is reset as soon as the client says something. */
  | { readonly kind: 'reset' };

/** Bytes that no protocol of ours begins with, the same for every run. */
export const garbage = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => 0xc1 + ((index * 31) % 59)));
