import type { Ban, Counter, Gauge, Log, Services, Verdict } from '@postern/contract';
import type { KeptBan } from './ban-text.js';
import type { ThrottleConfig } from './config.js';

/** What a login is limited by. */
export interface Hold {
  readonly by: Ban['kind'] | 'guard';
  readonly retryAfterMs: number;
}

/** What the operator sees of the policy at work. */
export class Signs {
  readonly #log: Log;
  readonly #enforced: boolean;
  readonly #limited: Counter;
  readonly #wouldLimit: Counter;
  readonly #made: Counter;
  readonly #active: Gauge;

  constructor({ log, metrics }: Pick<Services, 'log' | 'metrics'>, mode: ThrottleConfig['mode']) {
    this.#log = log;
    this.#enforced = mode === 'enforce';
    this.#limited = metrics.counter({ name: 'throttle_limited_total', help: 'Logins that were limited, by what.', labels: ['by'] });
    this.#wouldLimit = metrics.counter({
      name: 'throttle_would_limit_total',
      help: 'Logins that would have been limited, were the policy not in log-only mode, by what.',
      labels: ['by'],
    });
    this.#made = metrics.counter({ name: 'throttle_bans_total', help: 'Bans that this process made, by kind.', labels: ['kind'] });
    this.#active = metrics.gauge({ name: 'throttle_bans', help: 'Bans that this process knows of now.' });
  }

  limited({ by, retryAfterMs }: Hold): Verdict {
    this.#limited.inc({ by });
    return { kind: 'limited', retryAfterMs: Math.max(0, Math.ceil(retryAfterMs)) };
  }

  wouldLimit({ by }: Hold): void {
    this.#wouldLimit.inc({ by });
  }

  banned({ id, kind, user, network, tries, since, until }: KeptBan): void {
    this.#made.inc({ kind });
    const whom = { ...(user !== undefined && { user }), ...(network !== undefined && { network }) };
    const message = this.#enforced
      ? 'too many different wrong passwords: kept out'
      : 'too many different wrong passwords: would be kept out';
    this.#log.warn(message, { ban: id, kind, ...whom, tries, forMs: until - since });
  }

  lifted({ id, kind }: KeptBan): void {
    this.#log.info('a ban was lifted', { ban: id, kind });
  }

  guarded(user: string, forwarded: number): void {
    this.#log.warn('wrong passwords are kept away from the stores, so that no account is locked', { user, forwarded });
  }

  bans(count: number): void {
    this.#active.set(count);
  }

  failed(what: string, cause: unknown): void {
    this.#log.warn(what, { cause });
  }
}
