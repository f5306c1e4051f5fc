import { maxHeadBytes } from '@postern/auth-http';
import type { Clock, Log, Networks } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';
import type { Answerer } from '../answerer.js';

/** A transport that carries questions in and replies out. */
export interface Door {
  /** Starts accepting on all its addresses, or on none. Rejects with a `DoorError`. Call it once. */
  listen(): Promise<void>;
  /** Where it listens: `127.0.0.1:9143`, `[::1]:9143`, `unix:/run/a.sock`, several with `, ` between. The real port once listening. */
  readonly address: string;
  /** New rules after a reload. They hold for connections accepted from now on. */
  update(rules: DoorRules): void;
  /** Stops accepting, lets answers in flight finish for at most `graceMs` milliseconds, then destroys what is left. Never rejects. */
  close(graceMs: number): Promise<void>;
}

/** What may change while the door stays open. */
export interface DoorRules {
  /** Peers outside get a denial before their request is read. Unix sockets are exempt: their file mode decides. */
  readonly allow: Networks;
  /** Milliseconds from the connection (nginx door) or the request (Express door) to the reply. */
  readonly deadlineMs: number;
}

export interface DoorLimits {
  /** Longest request head, in bytes. */
  readonly headBytes: number;
  /** Open connections beyond which a newcomer gets a denial at once; beyond twice as many it is closed without a word. */
  readonly connections: number;
  /** How long, in milliseconds, unread input is drained after the reply. Closing with input unread would send a RST, which can destroy the reply. */
  readonly lingerMs: number;
}

export const defaultDoorLimits: DoorLimits = { headBytes: maxHeadBytes, connections: 4096, lingerMs: 1000 };

export const defaultSocketMode = 0o660;

/** When a door closes: milliseconds that a connection may still be on its way to its first byte. */
export const silenceAtClosing = 250;

export interface DoorParts {
  readonly addresses: readonly ListenAddress[];
  readonly rules: DoorRules;
  readonly answerer: Answerer;
  readonly clock: Clock;
  readonly log: Log;
  /** Permissions of a unix socket's file. Default 0o660, since whoever may connect may ask. */
  readonly socketMode?: number;
  /** Default: `defaultDoorLimits`. */
  readonly limits?: Partial<DoorLimits>;
}
