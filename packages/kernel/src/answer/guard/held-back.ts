/** A store was not asked, for its own good or for that of the others. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
  /** Whether there was too much to do (see `isOverload`). */
  readonly overloaded: boolean;

  constructor(message: string, overloaded: boolean) {
    super(message);
    this.overloaded = overloaded;
  }
}
