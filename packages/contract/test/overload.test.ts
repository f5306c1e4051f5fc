import { describe, expect, it } from '@jest/globals';
import { isOverload } from '../src/index.js';

const busy = Object.assign(new Error('full'), { overloaded: true });

describe('an overload', () => {
  it('is an error that says so, or one that was caused by such', () => {
    expect(isOverload(busy)).toBe(true);
    expect(isOverload(new Error('no check', { cause: busy }))).toBe(true);
  });

  it('is nothing else, whatever was thrown', () => {
    const round = new Error('round');
    round.cause = round;
    const trap = new Proxy(new Error('trap'), {
      has: () => {
        throw new Error('trapped');
      },
    });
    for (const cause of [
      undefined,
      null,
      'full',
      { overloaded: true },
      new Error('full'),
      Object.assign(new Error('no'), { overloaded: 1 }),
      round,
      trap,
    ]) {
      expect(isOverload(cause)).toBe(false);
    }
  });
});
