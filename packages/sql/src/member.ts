import type { Connection } from './connection.js';

/** A connection of a pool. */
export interface Member {
  readonly connection: Connection;
  /** This and `idleSince` are on the monotonic clock. */
  readonly born: number;
  /** See `Pool.renew`. */
  readonly era: number;
  idleSince: number;
  /** Leases that are out. */
  riders: number;
  /** Not to be lent again. */
  condemned: boolean;
}
