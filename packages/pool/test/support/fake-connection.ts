import type { Pooled } from '@postern/pool';

/** Does nothing but live and die, and counts how often it was told to. */
export class FakeConnection implements Pooled {
  broken = false;
  destroyed = 0;
  ended = 0;
  /** How many hold back what is asked. */
  gathering = 0;

  destroy(): void {
    this.broken = true;
    this.destroyed += 1;
  }

  end(): Promise<void> {
    this.broken = true;
    this.ended += 1;
    return Promise.resolve();
  }

  gather(): () => void {
    this.gathering += 1;
    return () => {
      this.gathering -= 1;
    };
  }
}
