import type { Verdict } from '@postern/contract';
import { Flight } from './flight.js';

/** Those of one user. */
interface Sky {
  /** By key: those that others may join. */
  readonly open: Map<string, Flight>;
  /** These, and those that nobody waits for any more: a store may answer them all the same. */
  readonly all: Set<Flight>;
}

/** The questions that are being asked, by user and key. As many as the stores have not answered yet, and no more. */
export class Flights {
  readonly #users = new Map<string, Sky>();

  find(user: string, key: string): Flight | undefined {
    return this.#users.get(user)?.open.get(key);
  }

  /** Begins one that is not there. `ask` must not reject; it gets its own flight and a signal that aborts when nobody waits any more. */
  begin(
    user: string,
    key: string,
    { proof, startedAt }: Pick<Flight, 'proof' | 'startedAt'>,
    ask: (flight: Flight, signal: AbortSignal) => Promise<Verdict>,
  ): Flight {
    const sky = this.#users.get(user) ?? { open: new Map<string, Flight>(), all: new Set<Flight>() };
    const close = (): void => {
      if (sky.open.get(key) === flight) sky.open.delete(key);
    };
    const flight = new Flight(proof, startedAt, close);
    this.#users.set(user, sky);
    sky.open.set(key, flight);
    sky.all.add(flight);
    flight.begin(async (signal) => {
      const verdict = await ask(flight, signal);
      close();
      sky.all.delete(flight);
      if (sky.all.size === 0) this.#users.delete(user);
      return verdict;
    });
    return flight;
  }

  /** A yes that a flight of this user brings is not to be kept: of one proof, or of all. */
  doom(user: string, proof?: string): void {
    for (const flight of this.#users.get(user)?.all ?? []) {
      if (proof === undefined || flight.proof === proof) flight.doomed = true;
    }
  }
}
