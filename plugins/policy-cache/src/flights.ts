import type { Verdict } from '@postern/contract';
import { Flight } from './flight.js';

/** The questions that are being asked, by user and key. As many as there are logins on their way, and no more. */
export class Flights {
  readonly #users = new Map<string, Map<string, Flight>>();

  find(user: string, key: string): Flight | undefined {
    return this.#users.get(user)?.get(key);
  }

  /** Begins one that is not there. `ask` must not reject; it gets its own flight and a signal that aborts when nobody waits any more. */
  begin(
    user: string,
    key: string,
    { proof, startedAt }: Pick<Flight, 'proof' | 'startedAt'>,
    ask: (flight: Flight, signal: AbortSignal) => Promise<Verdict>,
  ): Flight {
    const flight = new Flight(proof, startedAt, () => this.#land(user, key, flight));
    const flights = this.#users.get(user) ?? new Map<string, Flight>();
    this.#users.set(user, flights.set(key, flight));
    flight.begin(async (signal) => {
      const verdict = await ask(flight, signal);
      this.#land(user, key, flight);
      return verdict;
    });
    return flight;
  }

  /** A yes that a flight of this user brings is not to be kept: of one proof, or of all. */
  doom(user: string, proof?: string): void {
    for (const flight of this.#users.get(user)?.values() ?? []) {
      if (proof === undefined || flight.proof === proof) flight.doomed = true;
    }
  }

  #land(user: string, key: string, flight: Flight): void {
    const flights = this.#users.get(user);
    if (flights?.get(key) !== flight) return;
    flights.delete(key);
    if (flights.size === 0) this.#users.delete(user);
  }
}
