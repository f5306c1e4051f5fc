import type { Clock, Log } from '@postern/contract';
import { FallbackState, MemoryState, type CoreConfig, type Reach, type SharedPlace } from '@postern/kernel';
import { RedisPlace } from '@postern/redis-state';
import type { MetricsRegistry } from '../metrics/metrics-registry.js';
import { stateMetric, type StateKind } from '../metrics/state-metric.js';
import { redisSettings } from './redis-settings.js';

export interface DeploymentStateParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  /** What the workers of one host share where there is no Redis. */
  readonly host?: () => SharedPlace;
}

/** What `/readyz` says of the shared state. */
export interface StateHealth {
  readonly status: 'up' | 'degraded';
  readonly note?: string;
}

/** The state that this process shares with others, wherever the config says; with nobody, it is this process's memory. */
export class DeploymentState {
  readonly shared: FallbackState;
  readonly #parts: DeploymentStateParts;
  #place: SharedPlace | undefined;
  #redis: RedisPlace | undefined;
  /** The settings in use, to tell whether a new config wants others. */
  #settings = 'none';

  constructor(parts: DeploymentStateParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.shared = new FallbackState({ own: new MemoryState({ clock, log }), changed: (reach) => this.#say(reach) });
    parts.metrics.register(stateMetric(() => this.#kind()));
  }

  /** Once, before any instance is made. Resolves without Redis, too: that is an outage of Redis. Throws a `ConfigFailure` when a TLS file cannot be read. */
  async open({ redis }: CoreConfig): Promise<void> {
    this.#settings = settingsText(redis);
    if (redis !== undefined) this.#redis = new RedisPlace({ settings: redisSettings(redis), clock: this.#parts.clock });
    const place = this.#redis ?? this.#parts.host?.();
    if (place === undefined) return;
    this.#place = place;
    this.shared.share(place);
    await place.open();
    if (place.reach.kind === 'lost') this.#say(place.reach);
  }

  /** The ioredis client, where the config has Redis. */
  get redis(): unknown {
    return this.#redis?.client;
  }

  /** Whether a new config wants another place than the one that is open. */
  differs({ redis }: CoreConfig): boolean {
    return settingsText(redis) !== this.#settings;
  }

  /** Undefined where nothing is shared. */
  health(): StateHealth | undefined {
    const reach = this.#place?.reach;
    if (reach === undefined) return undefined;
    return reach.kind === 'reached' ? { status: 'up' } : { status: 'degraded', note: `${inWords[reach.kind]}: ${reach.why}` };
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#place?.close();
  }

  #kind(): StateKind {
    const reach = this.#place?.reach.kind;
    return reach === undefined ? 'memory' : kinds[reach];
  }

  #say(reach: Reach): void {
    const { log } = this.#parts;
    if (reach.kind === 'reached') log.info('the shared state is reached');
    else log.error(`the shared state: ${inWords[reach.kind]}`, { why: reach.why });
  }
}

const kinds: Readonly<Record<Reach['kind'], StateKind>> = { reached: 'shared', deaf: 'deaf', lost: 'fallback' };

const inWords = {
  deaf: 'what other processes publish is not heard',
  lost: "it cannot be reached, this process's own memory answers",
} as const;

const settingsText = (redis: CoreConfig['redis']): string => (redis === undefined ? 'none' : JSON.stringify(redisSettings(redis)));
