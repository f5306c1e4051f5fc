import type { Clock } from '@postern/contract';
import { Pool, type Lent, type PoolLimits, type Waiting, type Way } from '@postern/pool';
import { DirectoryTrouble, reasonOf, type Connection } from './directory-types.js';
import { openFirst, type Open } from './open-first.js';
import type { Servers } from './servers.js';
import { whenAborted } from './when-aborted.js';

export interface ConnectionsParts {
  readonly servers: Servers;
  readonly open: Open;
  readonly clock: Clock;
  readonly limits: PoolLimits;
}

/**
 * Connections of one account to the servers, lent to one caller at a time (RFC 4511 section 4.2.1 wants binds alone on a connection), or to
 * several searches of one turn of the event loop. New ones go to the first server that is worth a try; an age brings logins back to it.
 */
export class Connections {
  readonly #servers: Servers;
  readonly #pool: Pool<Connection>;

  constructor({ servers, open, clock, limits }: ConnectionsParts) {
    this.#servers = servers;
    this.#pool = new Pool({ open: (signal) => openFirst(servers, open, signal), limits, clock });
  }

  /** Works again after `stop`. */
  start(): void {
    this.#pool.start();
  }

  /** At once: nobody waits for a connection that is still being made, since ldapjs lets nobody end it. */
  stop(): void {
    void this.#pool.stop(new DirectoryTrouble('lost', 'the store was stopped'));
  }

  /**
   * Does some work with a connection. One that turns out to be long dead is replaced once. One that ends under several callers is replaced for
   * each of them alone: a search that no connection survives takes nobody else along for good.
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>, way: Way = 'alone'): Promise<T> {
    let [wayNow, replaced] = [way, false];
    for (;;) {
      const lent = this.#take(signal, wayNow) ?? (await this.#pool.acquire(waitingFor(signal), wayNow));
      try {
        return await this.#work(lent, work);
      } catch (error) {
        if (signal.aborted || !(error instanceof DirectoryTrouble)) throw error;
        if (!lent.fresh && !replaced && error.kind === 'lost') replaced = true;
        else if (lent.crowded && error.kind !== 'late') wayNow = 'alone';
        else throw error;
      }
    }
  }

  #take(signal: AbortSignal, way: Way): Lent<Connection> | undefined {
    if (signal.aborted) throw reasonOf(signal);
    return this.#pool.take(way);
  }

  async #work<T>(lent: Lent<Connection>, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      const done = await work(lent.connection);
      this.#servers.succeeded(lent.connection.address);
      return done;
    } catch (error) {
      if (error instanceof DirectoryTrouble) this.#suspect(lent, error);
      throw error;
    } finally {
      lent.giveBack();
    }
  }

  /** What befalls all who share a connection is one failure of the server's, and has most likely happened to those that lie about. */
  #suspect(suspect: Lent<Connection>, trouble: DirectoryTrouble): void {
    // Told of already, or stopped.
    if (suspect.condemned) return;
    const { address } = suspect.connection;
    this.#servers.failed(address, trouble);
    this.#pool.condemn((lent) => lent === suspect || (lent.riders === 0 && lent.connection.address === address));
  }
}

const waitingFor = (signal: AbortSignal): Waiting => ({
  get reason() {
    return signal.aborted ? reasonOf(signal) : undefined;
  },
  whenOver: (run) => whenAborted(signal, () => run(reasonOf(signal))),
});
