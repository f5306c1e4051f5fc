import type { Clock, Log } from '@postern/contract';
import type { PoolLimits } from '@postern/pool';
import type { Connect, Connection } from './connection.js';
import { NoRoom, Unreachable } from './failure.js';
import { Room } from './room.js';

export interface EntranceParts {
  /** Of the server. */
  readonly name: string;
  readonly connect: Connect;
  /** Connections that we want. */
  readonly max: number;
  /** Connections that there are, those that are being opened included. */
  readonly size: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a pool's connections to one server come in; asks for no more than the server takes. */
export class Entrance {
  readonly #parts: EntranceParts;
  readonly #room: Room;
  #opening = 0;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
    this.#room = new Room(parts.max, parts.clock);
  }

  /** That the server takes fewer than we want; undefined otherwise. */
  get trouble(): Error | undefined {
    return this.#room.trouble;
  }

  /** The same rules with the room that there is now as `max`, which is to be read anew for each connection. */
  limited({ together, waiting, idleMs, ageMs }: PoolLimits): PoolLimits {
    const room = this.#room;
    return {
      together,
      waiting,
      idleMs,
      ageMs,
      get max() {
        return room.max;
      },
    };
  }

  /** Throws `NoRoom` only where another connection is open or about to be, so that there is one to wait for. */
  async enter(signal: AbortSignal): Promise<Connection> {
    this.#opening += 1;
    try {
      const connection = await this.#parts.connect(signal);
      this.#room.opened(this.#parts.size() - this.#opening + 1);
      return connection;
    } catch (error) {
      throw error instanceof NoRoom ? this.#filled(error) : error;
    } finally {
      this.#opening -= 1;
    }
  }

  #filled(error: NoRoom): Unreachable {
    const { name, size, log } = this.#parts;
    if (size() < 2) return new Unreachable(error.message);
    const open = size() - this.#opening;
    if (this.#room.trouble === undefined)
      log.warn('a database server takes no more connections', { server: name, open, why: error.message });
    this.#room.filled(open, error.message);
    return error;
  }
}
