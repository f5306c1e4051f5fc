import type { Clock, Log, Protocol } from '@postern/contract';
import type { HealthRules, PortHealth } from './backend.js';
import type { Connector } from './connector.js';
import type { Names } from './names.js';
import type { PortWatch } from './port-watch.js';
import { probe, type ProbeResult } from './probe.js';

/** One port that is looked at. */
export interface CheckedPort {
  readonly backend: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly watch: PortWatch;
  /** The address that answered last: of several, the one to be told to nginx. */
  answering: string | undefined;
}

export interface HealthChange {
  readonly backend: string;
  readonly protocol: Protocol;
  readonly health: PortHealth;
}

export interface HealthCheckParts {
  readonly ports: readonly CheckedPort[];
  readonly rules: HealthRules;
  readonly names: Pick<Names, 'resolve'>;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 up to 1; spreads the checks. */
  readonly random: () => number;
  readonly onChange: (change: HealthChange) => void;
}

/** Of several addresses no more than these are tried in one check. */
const maxAddresses = 4;
/** Checks come up to a tenth earlier or later, so that gateways and ports do not fall into step. */
const jitter = 0.1;
/** What never answered is asked up to this many times less often: many backends do not speak all three protocols. */
const maxBackOff = 16;

/** Looks at every port again and again, from `start` to `stop`. */
export class HealthChecks {
  readonly #parts: HealthCheckParts;
  readonly #planned = new Map<CheckedPort, () => void>();
  #running = false;

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    for (const port of this.#parts.ports) void this.#check(port);
  }

  /** What is under way ends by itself and counts for nothing. */
  stop(): void {
    this.#running = false;
    for (const callOff of this.#planned.values()) callOff();
    this.#planned.clear();
  }

  async #check(port: CheckedPort): Promise<void> {
    this.#planned.delete(port);
    const result = await this.#look(port);
    if (!this.#running) return;
    this.#record(port, result);
    this.#planned.set(
      port,
      this.#parts.clock.after(this.#pause(port), () => void this.#check(port)),
    );
  }

  async #look(port: CheckedPort): Promise<ProbeResult> {
    const { names, rules, connector, clock } = this.#parts;
    const found = await names.resolve(port.host);
    if (found.kind === 'unknown') return { kind: 'failed', why: found.cause.message };
    let result: ProbeResult = { kind: 'failed', why: 'no address' };
    for (const address of found.addresses.slice(0, maxAddresses)) {
      result = await probe({ address, port: port.port, protocol: port.protocol, timeout: rules.timeout }, connector, clock);
      if (result.kind === 'failed') continue;
      port.answering = address;
      return result;
    }
    return result;
  }

  #record({ backend, host, port, protocol, watch }: CheckedPort, result: ProbeResult): void {
    if (!watch.record(result, this.#parts.clock.now())) return;
    const fields = { backend, protocol, host, port, ...(watch.note !== undefined && { why: watch.note }) };
    switch (watch.health) {
      case 'down':
        this.#parts.log.warn('a backend went down', fields);
        break;
      case 'suspect':
        this.#parts.log.info('a backend was never seen up', fields);
        break;
      case 'up':
      case 'unchecked':
        this.#parts.log.info('a backend is up', fields);
    }
    this.#parts.onChange({ backend, protocol, health: watch.health });
  }

  #pause({ watch }: CheckedPort): number {
    const { rules, random } = this.#parts;
    const backOff = watch.health === 'suspect' ? Math.min(maxBackOff, 2 ** Math.max(0, watch.failedInARow - rules.fall)) : 1;
    return rules.every * backOff * (1 - jitter + 2 * jitter * random());
  }
}
