import { describe, expect, it } from '@jest/globals';
import { causeText } from '../../src/answer/cause.js';

describe('the text of a cause', () => {
  it('tells what was thrown, and why', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:389'), { code: 'ECONNREFUSED' });
    expect(causeText(new TypeError('no answer', { cause: refused }))).toBe(
      'TypeError: no answer: Error: connect ECONNREFUSED 192.0.2.1:389 (ECONNREFUSED)',
    );
  });

  it('tells once what an error repeats of its cause, and goes on to the cause of that', () => {
    const deepest = new Error('the cable is cut');
    const inner = new Error('connect ECONNREFUSED', { cause: deepest });
    const outer = new Error('ldap://dc1 cannot be reached: connect ECONNREFUSED', { cause: inner });
    expect(causeText(outer)).toBe('Error: ldap://dc1 cannot be reached: connect ECONNREFUSED: Error: the cable is cut');
  });

  it('ends where causes go in a circle, and takes anything for a cause', () => {
    const circle = new Error('');
    circle.cause = circle;
    expect(causeText(circle)).toBe('Error: : Error: : Error: : Error: ');
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'cause', {
      get: () => {
        throw new Error('no');
      },
    });
    expect([hostile, null, 7, 'words'].map((cause) => causeText(cause))).toEqual([
      'a cause that cannot be read',
      'something that is no error (null)',
      'something that is no error (number)',
      'words',
    ]);
  });
});
