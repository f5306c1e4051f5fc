import type { Connection, ServerAddress } from './directory-types.js';

/** `alone`: nobody else uses the connection meanwhile. `shared`: others of the same turn of the event loop may, if they share too. */
export type Way = 'alone' | 'shared';

/** A connection of a pool. */
export interface Member {
  readonly connection: Connection;
  readonly address: ServerAddress;
  /** This and `idleSince` are on the monotonic clock. */
  readonly bornAt: number;
  idleSince: number;
  /** Whether it lay in the pool before: the server may have closed it since. */
  reused: boolean;
  /** Callers that use it now. */
  riders: number;
  /** Whether several of them shared it since it was last taken. */
  crowded: boolean;
  /** Whether one of them told of trouble already: what befalls all of them is one failure of the server's. */
  suspect: boolean;
}
