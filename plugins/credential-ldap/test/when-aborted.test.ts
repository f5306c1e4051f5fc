import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { whenAborted } from '../src/when-aborted.js';

describe('those who wait under one signal', () => {
  it('are all told, each once, but for those who called it off', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const [first] = ['a', 'b', 'c'].map((name) => whenAborted(controller.signal, () => told.push(name)));
    first?.();
    controller.abort();
    controller.abort();
    expect(told).toEqual(['b', 'c']);
  });

  it('share one listener, however many come and go', () => {
    const controller = new AbortController();
    for (let count = 0; count < 100; count += 1) whenAborted(controller.signal, () => undefined)();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  });

  it('may call others off while they are told', () => {
    const controller = new AbortController();
    const told: string[] = [];
    let callOff = (): void => undefined;
    whenAborted(controller.signal, () => {
      told.push('first');
      callOff();
    });
    callOff = whenAborted(controller.signal, () => told.push('second'));
    controller.abort();
    expect(told).toEqual(['first']);
  });

  it('are kept apart by their signals', () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const told: string[] = [];
    whenAborted(one.signal, () => told.push('one'));
    whenAborted(other.signal, () => told.push('other'));
    other.abort();
    expect(told).toEqual(['other']);
  });
});
