import type { Protocol } from '@postern/contract';
import type { ConfigError, ListenAddress, ResolvedConfig } from '@postern/kernel';
import type { DoorReply } from './door-reply.js';
import type { Tell } from './finding.js';
import type { Ports } from './ports.js';
import type { Quote } from './quote.js';
import type { Stranger } from './stranger.js';

/** Somebody whom a store may know. */
export interface Person {
  readonly user: string;
  /** Absent: only questions that need none. */
  readonly password?: string;
}

/** What every part of a checkup is handed. */
export interface Visit {
  readonly config: ResolvedConfig;
  readonly warnings: readonly ConfigError[];
  readonly person: Person | undefined;
  /** One and the same at every door: where tries are counted, a whole visit is one try. */
  readonly stranger: Stranger;
  readonly clientIp: string;
  /** Whether the mail client is said to use TLS. */
  readonly tls: boolean;
  /** Milliseconds for one thing that is asked of a server. */
  readonly timeoutMs: number;
  /** Where nginx listens, for protocols that are to be tried through it. */
  readonly fronts: ReadonlyMap<Protocol, Extract<ListenAddress, { readonly kind: 'tcp' }>>;
  /** TLS on those ports where it is not implied. */
  readonly frontTls: boolean;
  readonly ports: Ports;
  readonly quote: Quote;
  readonly tell: Tell;
}

/** What the running gateway said of the person, by protocol. Empty: it was not asked. */
export type DoorReplies = ReadonlyMap<Protocol, DoorReply>;
