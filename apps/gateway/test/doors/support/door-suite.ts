import type { DoorKind, DoorOptions, DoorRoom } from './door-room.js';

/** Where a door may differ, and why. */
export interface Deviations {
  /** Node's HTTP parser refuses a target without a slash; the reply is then a denial. nginx's `http{}` block never sends one. */
  readonly deniesBareTargets?: boolean;
  /** A TLS client has no half-closed state to test. */
  readonly noHalfClose?: boolean;
  /** Peers on a unix socket have no address; its file mode decides. */
  readonly exemptFromAllow?: boolean;
}

/** What a part of the suite works with. */
export interface DoorSuite {
  readonly kind: DoorKind;
  readonly deviations: Deviations;
  /** An open door of this kind; closed after the test. */
  readonly open: (options?: DoorOptions) => Promise<DoorRoom>;
}
