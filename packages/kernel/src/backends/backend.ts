import type { Protocol, Secret, Template } from '@postern/contract';

/** One of the config's `backends`. */
export interface BackendConfig {
  readonly name: string;
  /** A host name or an IP literal without brackets. */
  readonly host: string;
  readonly ports: Readonly<Record<Protocol, number>>;
  /** Relative share, above 0. */
  readonly weight: number;
  readonly state: 'up' | 'drain' | 'down';
  /** What to say to this mail server in place of what the client typed (master users). */
  readonly login?: BackendLogin | undefined;
}

export interface BackendLogin {
  readonly user?: Template | undefined;
  readonly password?: Secret | undefined;
}

export const defaultPorts: Readonly<Record<Protocol, number>> = { imap: 143, pop3: 110, smtp: 25 };

/** A mail server as the config or a table has it: no address is looked up. */
export interface BackendTarget {
  /** The declared name, or the host (with its port) where none is declared. */
  readonly name: string;
  /** A host name or an IP literal without brackets. */
  readonly host: string;
  readonly ports: Readonly<Record<Protocol, number>>;
}

/** The config's `health`. */
export interface HealthRules {
  /** Milliseconds between two checks of one port; what never answered is asked less often. */
  readonly every: number;
  /** Milliseconds for connecting and the greeting together. */
  readonly timeout: number;
  /** Good checks in a row after which it is up again. */
  readonly rise: number;
  /** Failed checks in a row after which it is down. */
  readonly fall: number;
}

/**
 * What the checks know of one port. `suspect`: never seen up; the gateway may stand where it cannot reach what nginx can, so a
 * pinned login is placed there all the same. `unchecked`: no verdict yet, or checks are off.
 */
export type PortHealth = 'unchecked' | 'up' | 'suspect' | 'down';

export interface PortStatus {
  readonly port: number;
  readonly health: PortHealth;
  /** Milliseconds since 1970 of the last change; absent while unchecked. */
  readonly since?: number;
  /** Why the last check failed. */
  readonly note?: string;
}

/** One backend for `/readyz`, metrics and the console. */
export interface BackendStatus {
  readonly name: string;
  readonly host: string;
  readonly weight: number;
  readonly state: 'up' | 'drain' | 'down';
  readonly ports: Readonly<Record<Protocol, PortStatus>>;
}
