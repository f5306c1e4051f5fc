import type { Connection } from '../../src/connection.js';

/** A connection that answers everything at once with nothing. */
export class FakeConnection implements Connection {
  broken = false;
  ended = false;
  query = () => Promise.resolve({ columns: [], rows: [] });
  change = () => Promise.resolve(0);
  batch = () => Promise.resolve();
  ping = () => Promise.resolve();
  gathering = 0;
  gather(): () => void {
    this.gathering += 1;
    return () => {
      this.gathering -= 1;
    };
  }
  destroy(): void {
    this.broken = true;
  }
  end(): Promise<void> {
    this.ended = true;
    this.broken = true;
    return Promise.resolve();
  }
}
