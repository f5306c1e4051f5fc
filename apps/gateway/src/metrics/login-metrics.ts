import type { Mechanism, Protocol } from '@postern/contract';
import type { Encoded } from '@postern/auth-http';
import type { DoorName, RefusedRequest } from '../answerer.js';
import { defaultBuckets, type MetricsRegistry } from './metrics-registry.js';
import { Tally, Timing } from './tally.js';

/** The gateway's own numbers about logins. */
export class LoginMetrics {
  readonly #attempts = new Tally({
    name: 'postern_attempts_total',
    help: 'Answers given, by what was asked and what was said.',
    labels: ['protocol', 'mechanism', 'outcome'],
  });

  readonly #stages = new Timing({
    name: 'postern_stage_seconds',
    help: 'Time spent per stage of a login.',
    labels: ['stage'],
    buckets: defaultBuckets,
  });

  readonly #instances = new Timing({
    name: 'postern_instance_seconds',
    help: 'Time spent per plugin instance and what it answered.',
    labels: ['instance', 'role', 'outcome'],
    buckets: defaultBuckets,
  });

  readonly #inFlight = new Tally({
    name: 'postern_in_flight',
    help: 'Questions being answered now.',
    labels: ['door'],
    type: 'gauge',
  });

  readonly #refused = new Tally({
    name: 'postern_requests_refused_total',
    help: 'What came in and was no question: it was denied unread.',
    labels: ['door', 'why'],
  });

  constructor(registry: MetricsRegistry) {
    for (const { metric } of [this.#attempts, this.#stages, this.#instances, this.#inFlight, this.#refused]) registry.register(metric);
    for (const door of ['nginx', 'express'] as const) this.#inFlight.add(0, door);
  }

  answered(protocol: Protocol | undefined, mechanism: Mechanism | undefined, sent: Encoded['sent']): void {
    this.#attempts.add(1, protocol ?? 'unknown', mechanism ?? 'unknown', sent);
  }

  stage(stage: string, ms: number): void {
    this.#stages.observe(ms / 1000, stage);
  }

  instance(instance: string, role: string, outcome: string, ms: number): void {
    this.#instances.observe(ms / 1000, instance, role, outcome);
  }

  entered(door: DoorName): void {
    this.#inFlight.add(1, door);
  }

  left(door: DoorName): void {
    this.#inFlight.add(-1, door);
  }

  /** `key`, `undecodable` and `overload` are found out behind the doors, the others at them. */
  refused(door: DoorName, why: RefusedRequest | 'key' | 'undecodable' | 'overload'): void {
    this.#refused.add(1, door, why);
  }
}
