/** What a pool asks of a connection. */
export interface Pooled {
  /** True once it cannot be used any more, and from then on. */
  readonly broken: boolean;
  /** At once, without a good-bye; what is under way fails. */
  destroy(): void;
  /** Politely; never rejects. One that has it is closed so when it only was not needed. */
  end?(): Promise<void>;
  /** What is asked until the returned function is called goes out together. */
  gather?(): () => void;
}

/** `alone`: nobody else uses the connection meanwhile. `shared`: others of the same turn of the event loop may, if they share too. */
export type Way = 'alone' | 'shared';

/** A connection, lent. Give it back once, with `giveBack` or `discard`. */
export interface Lent<C> {
  readonly connection: C;
  /** Whether it was opened for those who have it now; one that was not may have died unnoticed. */
  readonly fresh: boolean;
  /** Those who have it now. */
  readonly riders: number;
  /** Whether several had it since it was last free. */
  readonly crowded: boolean;
  /** Whether it will not be lent again. */
  readonly condemned: boolean;
  giveBack(): void;
  /** It is not lent again, and closed as soon as nobody else waits for an answer on it. */
  discard(): void;
}

/** A connection of a pool. */
export class Member<C> implements Lent<C> {
  readonly connection: C;
  /** This and `idleSince` are on the monotonic clock. */
  readonly born: number;
  idleSince = 0;
  fresh = true;
  riders = 0;
  crowded = false;
  condemned = false;
  readonly #takeBack: (member: Member<C>) => void;

  constructor(connection: C, born: number, takeBack: (member: Member<C>) => void) {
    this.connection = connection;
    this.born = born;
    this.#takeBack = takeBack;
  }

  giveBack(): void {
    this.#takeBack(this);
  }

  discard(): void {
    this.condemned = true;
    this.#takeBack(this);
  }
}
