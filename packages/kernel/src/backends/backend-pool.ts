import { type BackendRef, type Backends, type BackendView, type Clock, type Log, type Protocol, protocols } from '@postern/contract';
import type { BackendLookup, Resolved, Standing } from '../answer/placement.js';
import {
  type BackendConfig,
  type BackendStatus,
  type BackendTarget,
  defaultPorts,
  type HealthRules,
  type PortHealth,
  type PortStatus,
} from './backend.js';
import { type Connector, tcpConnector } from './connector.js';
import { type CheckedPort, type HealthChange, HealthChecks } from './health-checks.js';
import { type NameRules, Names } from './names.js';
import { type PortMemory, PortWatch } from './port-watch.js';
import type { Resolver } from './resolver.js';

/** What a pool knew of its ports: given to the next generation's, so that a reload does not forget who is down. */
export type HealthMemory = ReadonlyMap<string, PortMemory>;

export interface BackendPoolParts {
  readonly backends: readonly BackendConfig[];
  /** Undefined: no checks; everybody counts as up unless the config says otherwise. */
  readonly health: HealthRules | undefined;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange?: ((change: HealthChange) => void) | undefined;
  readonly memory?: HealthMemory | undefined;
  readonly connector?: Connector | undefined;
  readonly names?: NameRules | undefined;
  /** 0 up to 1; `Math.random` by default. */
  readonly random?: (() => number) | undefined;
}

/** A declared backend with what is known of its ports. */
interface Member {
  readonly config: BackendConfig;
  readonly ports: Readonly<Record<Protocol, CheckedPort>>;
  readonly view: BackendView;
}

/** The declared backends: who they are, how they are, and under which address nginx finds them. */
export class BackendPool implements Backends, BackendLookup {
  readonly #members: ReadonlyMap<string, Member>;
  readonly #names: Names;
  readonly #checks: HealthChecks | undefined;
  readonly #log: Log;
  /** Suspects at which a login was placed: told once each. */
  readonly #told = new Set<CheckedPort>();

  constructor(parts: BackendPoolParts) {
    const { clock, log, health: rules } = parts;
    this.#log = log;
    this.#names = new Names({ resolver: parts.resolver, clock, log, rules: parts.names });
    this.#members = new Map(parts.backends.map((config) => [config.name, memberOf(config, rules, parts.memory)]));
    if (rules === undefined) return;
    const members = [...this.#members.values()].filter(({ config }) => config.state !== 'down');
    this.#checks = new HealthChecks({
      ports: members.flatMap(({ ports }) => protocols.map((protocol) => ports[protocol])),
      rules,
      names: this.#names,
      connector: parts.connector ?? tcpConnector,
      clock,
      log,
      random: parts.random ?? Math.random,
      onChange: (change) => parts.onChange?.(change),
    });
  }

  /** Begins the checks and returns at once. */
  start(): Promise<void> {
    this.#checks?.start();
    return Promise.resolve();
  }

  /** Ends the checks; answers go on as last known. */
  stop(): Promise<void> {
    this.#checks?.stop();
    return Promise.resolve();
  }

  list(): readonly BackendView[] {
    return [...this.#members.values()].map(({ view }) => view);
  }

  get(name: string): BackendView | undefined {
    return this.#members.get(name)?.view;
  }

  /** A host that is not declared has no checks and counts as up. */
  standing(ref: BackendRef, protocol: Protocol): Standing {
    if (ref.kind === 'direct') return 'up';
    const member = this.#members.get(ref.name);
    return member === undefined ? 'undeclared' : standingOf(member.config, member.ports[protocol].watch.health);
  }

  /** As it is configured, whatever state it is in; undefined when it is not declared. */
  target(ref: BackendRef): BackendTarget | undefined {
    if (ref.kind === 'direct') return directTarget(ref);
    const config = this.#members.get(ref.name)?.config;
    return config === undefined ? undefined : { name: config.name, host: config.host, ports: config.ports };
  }

  /** Never rejects. Waits only for a name that was never resolved before. */
  async resolve(ref: BackendRef, protocol: Protocol): Promise<Resolved> {
    if (ref.kind === 'direct') return this.#resolveDirect(ref.host, ref.port ?? defaultPorts[protocol]);
    const member = this.#members.get(ref.name);
    if (member === undefined) return { kind: 'unknown', backend: ref.name, cause: new Error('not declared') };
    const checked = member.ports[protocol];
    this.#tellSuspect(checked);
    const found = await this.#names.resolve(member.config.host);
    if (found.kind === 'unknown') return { kind: 'unknown', backend: ref.name, cause: found.cause };
    const { answering } = checked;
    const address = answering !== undefined && found.addresses.includes(answering) ? answering : found.addresses[0];
    const { host, login } = member.config;
    return { kind: 'known', backend: ref.name, host, address, port: checked.port, login };
  }

  statuses(): readonly BackendStatus[] {
    return [...this.#members.values()].map(({ config: { name, host, weight, state }, ports }) => {
      const { imap, pop3, smtp } = ports;
      return { name, host, weight, state, ports: { imap: portStatus(imap), pop3: portStatus(pop3), smtp: portStatus(smtp) } };
    });
  }

  memory(): HealthMemory {
    const ports = [...this.#members.values()].flatMap((member) => Object.values(member.ports));
    const known = ports.filter(({ watch }) => watch.since !== undefined);
    return new Map(known.map((port) => [memoryKey(port), { health: port.watch.health, since: port.watch.since ?? 0 }]));
  }

  async #resolveDirect(host: string, port: number): Promise<Resolved> {
    const backend = hostPort(host, port);
    const found = await this.#names.resolve(host);
    if (found.kind === 'unknown') return { kind: 'unknown', backend, cause: found.cause };
    return { kind: 'known', backend, host, address: found.addresses[0], port };
  }

  #tellSuspect(checked: CheckedPort): void {
    if (checked.watch.health !== 'suspect') return void this.#told.delete(checked);
    if (this.#told.has(checked)) return;
    this.#told.add(checked);
    const { backend, protocol, host, port, watch } = checked;
    const fields = { backend, protocol, host, port, ...(watch.note !== undefined && { why: watch.note }) };
    this.#log.warn('a login is placed at a backend that the checks have never seen up', fields);
  }
}

const hostPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** One port is for all protocols. */
const directTarget = ({ host, port }: Extract<BackendRef, { kind: 'direct' }>): BackendTarget =>
  port === undefined
    ? { name: host, host, ports: defaultPorts }
    : { name: hostPort(host, port), host, ports: { imap: port, pop3: port, smtp: port } };

const memberOf = (config: BackendConfig, rules: HealthRules | undefined, memory: HealthMemory | undefined): Member => {
  const portOf = (protocol: Protocol): CheckedPort => {
    const port = { backend: config.name, host: config.host, port: config.ports[protocol], protocol };
    const remembered = rules === undefined ? undefined : memory?.get(memoryKey(port));
    return { ...port, watch: new PortWatch(rules ?? { rise: 1, fall: 1 }, remembered), answering: undefined };
  };
  const ports = { imap: portOf('imap'), pop3: portOf('pop3'), smtp: portOf('smtp') };
  const { name, weight, state } = config;
  const healthy = (protocol: Protocol): boolean => state !== 'down' && isWell(ports[protocol].watch.health);
  return { config, ports, view: { name, weight, state, healthy } };
};

const isWell = (health: PortHealth): boolean => health === 'up' || health === 'unchecked';

const standingOf = ({ state }: BackendConfig, health: PortHealth): Standing => {
  if (state === 'down' || health === 'down') return 'down';
  if (health === 'suspect') return 'suspect';
  return state;
};

const portStatus = ({ port, watch }: CheckedPort): PortStatus => ({
  port,
  health: watch.health,
  ...(watch.since !== undefined && { since: watch.since }),
  ...(watch.note !== undefined && { note: watch.note }),
});

/** A backend that was moved to another address is a new one. */
const memoryKey = ({ backend, host, port, protocol }: Omit<CheckedPort, 'watch' | 'answering'>): string =>
  JSON.stringify([backend, host, port, protocol]);
