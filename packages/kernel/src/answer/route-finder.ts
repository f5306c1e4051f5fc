import type { Account, BackendRouter, Clock, Log, LoginAttempt, Protocol, Routes, Routing, Whereabouts } from '@postern/contract';
import { beforeAbort } from './deadline.js';
import type { Placer } from './placement.js';
import { Routers, type RoutingTrail } from './routers.js';
import type { Seat } from './seat.js';

export interface RouteFinderParts {
  readonly placer: Pick<Placer, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers where the routers would place somebody. Stores are handed it before there are routers, so it is opened later. */
export class RouteFinder implements Routes {
  readonly #parts: RouteFinderParts;
  #routers: Routers | undefined;

  constructor(parts: RouteFinderParts) {
    this.#parts = parts;
  }

  open(routers: readonly Seat<BackendRouter>[]): void {
    const { clock, log } = this.#parts;
    this.#routers = new Routers({ routers, clock, log });
  }

  async whereTo(account: Account, attempt: LoginAttempt, protocol: Protocol, signal: AbortSignal): Promise<Whereabouts> {
    try {
      // A router need not heed the signal.
      return await beforeAbort(this.#find(account, attempt, protocol, signal), signal);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  /** What the routers say of the account, whatever state the backends are in. Never rejects; an aborted signal gives `deferred`. */
  async locate(account: Account, attempt: LoginAttempt, signal: AbortSignal): Promise<Routing> {
    try {
      return await beforeAbort(this.#locate(account, attempt, signal), signal);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  async #locate(account: Account, attempt: LoginAttempt, signal: AbortSignal): Promise<Routing> {
    if (this.#routers === undefined) throw new Error('the routers are not made yet');
    return this.#routers.locate(account, attempt, trailUntil(signal));
  }

  async #find(account: Account, attempt: LoginAttempt, protocol: Protocol, signal: AbortSignal): Promise<Whereabouts> {
    const routing = await this.#locate(account, attempt, signal);
    if (routing.kind !== 'placed') return routing;
    const found = await this.#parts.placer.find(routing.backends, protocol, attempt);
    if (found.kind === 'deferred') return found;
    const { backend, host, address, port } = found;
    return { kind: 'found', backend, host, address, port };
  }
}

/** What routers get: asking the routers from within one would not end. */
export const routesForRouters: Routes = {
  whereTo: () => Promise.resolve({ kind: 'deferred', cause: new Error('a router cannot ask the routers') }),
};

/** The steps of a login are its own; a question on the way to a verdict leaves none. */
const trailUntil = (signal: AbortSignal): RoutingTrail => ({
  signal,
  get closed() {
    return signal.aborted;
  },
  waitingFor: undefined,
  add: () => undefined,
});
