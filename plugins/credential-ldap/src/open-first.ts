import type { Clock } from '@postern/contract';
import { DirectoryTrouble, type Connection, type ServerAddress } from './directory-types.js';
import type { Member } from './member.js';
import type { Servers } from './servers.js';

export interface Opening {
  readonly servers: Servers;
  readonly clock: Clock;
  /** A connection to this server, ready for use. Rejects with a `DirectoryTrouble`, or the signal's reason. */
  readonly open: (address: ServerAddress, signal: AbortSignal) => Promise<Connection>;
}

/**
 * A connection to the first server that takes one. Rejects with the trouble of the last one that was tried. `join` takes it in at
 * once, while it is certainly alive: who listens later hears of no death, and its place would be taken for ever.
 */
export const openFirst = async (
  { servers, clock, open }: Opening,
  signal: AbortSignal,
  join: (member: Member) => void,
): Promise<Member> => {
  let trouble: unknown = new DirectoryTrouble('lost', servers.whyNone());
  for (const address of servers.candidates()) {
    try {
      const connection = await open(address, signal);
      if (!connection.alive) throw new DirectoryTrouble('lost', `${address.url} took the connection and ended it at once`);
      const bornAt = clock.monotonic();
      const member = { connection, address, bornAt, reused: false, riders: 0, crowded: false, suspect: false, idleSince: bornAt };
      join(member);
      return member;
    } catch (error) {
      trouble = error;
      if (!signal.aborted) servers.unreachable(address, error);
    }
  }
  throw trouble;
};
