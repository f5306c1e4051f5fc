import type { Health, Protocol, Role } from '@postern/contract';
import type { StoreStatus } from '../answer/guard/store-guard.js';
import type { BackendStatus, PortHealth } from '../backends/backend.js';

/** One instance in `/readyz`. */
export interface InstanceReadiness {
  readonly status: Health['status'];
  readonly note?: string;
}

/** What `/readyz` says of one backend: per protocol `up`, `suspect`, `down` or `unchecked`. */
export interface BackendReadiness {
  readonly state: 'up' | 'drain' | 'down';
  readonly health: Readonly<Record<Protocol, PortHealth>>;
}

export interface Readiness {
  /** `down`: no store can answer, or no router can. `degraded`: something is not up. */
  readonly status: 'ready' | 'degraded' | 'down';
  readonly instances: Readonly<Record<string, InstanceReadiness>>;
  readonly backends: Readonly<Record<string, BackendReadiness>>;
}

/** What the status is worked out from. */
export interface InstanceStatus extends InstanceReadiness {
  readonly name: string;
  readonly role: Role;
  /** It answers nobody: without it everything goes on. */
  readonly shadow?: boolean;
}

/** A store may call itself well and answer nobody: what its answers show counts, too. */
export const guarded = (instances: readonly InstanceStatus[], stores: readonly StoreStatus[]): readonly InstanceStatus[] => {
  const notes = new Map(stores.map(({ name, note }) => [name, note]));
  return instances.map((instance) => {
    const note = notes.get(instance.name);
    return note === undefined || instance.status !== 'up' ? instance : { ...instance, status: 'degraded', note };
  });
};

export const readinessOf = (instances: readonly InstanceStatus[], backends: readonly BackendStatus[]): Readiness => ({
  status: statusOf(instances, backends),
  instances: Object.fromEntries(instances.map(({ name, status, note }) => [name, note === undefined ? { status } : { status, note }])),
  backends: Object.fromEntries(backends.map((backend) => [backend.name, backendReadiness(backend)])),
});

const statusOf = (instances: readonly InstanceStatus[], backends: readonly BackendStatus[]): Readiness['status'] => {
  const works = (role: Role): boolean =>
    instances.some((instance) => instance.role === role && instance.shadow !== true && instance.status !== 'down');
  if (!works('credential-store') || !works('backend-router')) return 'down';
  return instances.every(({ status }) => status === 'up') && !backends.some(isOut) ? 'ready' : 'degraded';
};

/** Many servers do not speak all three protocols: only one that answers on none is out. What the operator took down is no news. */
const isOut = ({ state, ports }: BackendStatus): boolean =>
  state !== 'down' && Object.values(ports).every(({ health }) => health === 'down' || health === 'suspect');

const backendReadiness = ({ state, ports: { imap, pop3, smtp } }: BackendStatus): BackendReadiness => ({
  state,
  health: { imap: imap.health, pop3: pop3.health, smtp: smtp.health },
});
