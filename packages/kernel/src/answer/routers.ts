import type { Account, BackendRef, BackendRouter, Clock, Log, LoginAttempt, Routing } from '@postern/contract';
import { causeText } from './cause.js';
import type { Journal } from './journal.js';
import type { Seat } from './seat.js';
import { checked, soundRouting } from './sound.js';

export interface RouterParts {
  readonly routers: readonly Seat<BackendRouter>[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the routers' steps are written down, and until when they are waited for. */
export type RoutingTrail = Pick<Journal, 'signal' | 'closed' | 'waitingFor' | 'add'>;

/** The ordered routers: a homeless answer asks the next, anything else ends the matter. */
export class Routers {
  readonly #parts: RouterParts;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Never rejects. No router, or none that knows the account: `homeless`. */
  async locate(account: Account, attempt: LoginAttempt, journal: RoutingTrail): Promise<Routing> {
    for (const seat of this.#parts.routers) {
      if (journal.closed) break;
      if (!seat.when.matches(attempt)) continue;
      const routing = await this.#askOne(seat, account, attempt, journal);
      if (routing.kind !== 'homeless') return routing;
    }
    return { kind: 'homeless' };
  }

  async #askOne(seat: Seat<BackendRouter>, account: Account, attempt: LoginAttempt, journal: RoutingTrail): Promise<Routing> {
    const startedAt = this.#parts.clock.monotonic();
    journal.waitingFor = { stage: 'router', instance: seat.name };
    try {
      const locate = (): Promise<Routing> => seat.instance.locate(account, attempt, journal.signal);
      const routing = checked(soundRouting(await (seat.place === undefined ? locate() : seat.place.during(locate))));
      const detail = routing.kind === 'placed' ? routing.backends.map(refText).join(', ') : undefined;
      if (routing.kind === 'deferred') return this.#deferred(seat.name, attempt, routing.cause, startedAt, journal);
      journal.add('router', routing.kind, startedAt, seat.name, detail);
      return routing;
    } catch (cause) {
      return this.#deferred(seat.name, attempt, cause, startedAt, journal);
    }
  }

  #deferred(instance: string, attempt: LoginAttempt, cause: unknown, startedAt: number, journal: RoutingTrail): Routing {
    const detail = causeText(cause, attempt.proof);
    const fields = { instance, id: attempt.id, cause: detail };
    if (journal.closed) this.#parts.log.debug('a router failed after its time was over', fields);
    else this.#parts.log.warn('a router cannot tell', fields);
    journal.add('router', 'deferred', startedAt, instance, detail);
    return { kind: 'deferred', cause };
  }
}

/** `name`, or `host:port`. */
export const refText = (ref: BackendRef): string => {
  if (ref.kind === 'named') return ref.name;
  return ref.port === undefined ? ref.host : `${ref.host.includes(':') ? `[${ref.host}]` : ref.host}:${ref.port}`;
};
