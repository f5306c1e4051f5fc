import { DirectoryTrouble, type Connection, type ServerAddress } from './directory-types.js';
import type { Servers } from './servers.js';

/** A connection to this server, ready for use. Rejects with a `DirectoryTrouble`, or the signal's reason. */
export type Open = (address: ServerAddress, signal: AbortSignal) => Promise<Connection>;

/** A connection to the first server that takes one. Rejects with the trouble of the last one that was tried. */
export const openFirst = async (servers: Servers, open: Open, signal: AbortSignal): Promise<Connection> => {
  let trouble: unknown = new DirectoryTrouble('lost', servers.whyNone());
  for (const address of servers.candidates()) {
    try {
      const connection = await open(address, signal);
      if (!connection.broken) return connection;
      throw new DirectoryTrouble('lost', `${address.url} took the connection and ended it at once`);
    } catch (error) {
      trouble = error;
      if (!signal.aborted) servers.unreachable(address, error);
    }
  }
  throw trouble;
};
