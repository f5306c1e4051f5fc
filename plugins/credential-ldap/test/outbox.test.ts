import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Outbox } from '../src/ldapjs/outbox.js';

describe('what goes out on a connection', () => {
  const written: string[] = [];
  const outbox = new Outbox((bytes) => written.push(bytes.toString()));
  const add = (text: string): void => outbox.add(Buffer.from(text));

  it('leaves in one write for each turn of the event loop, promises that settle in it included', async () => {
    add('a');
    await Promise.resolve().then(() => add('b'));
    add('c');
    expect(written).toEqual([]);
    await setImmediate();
    add('d');
    await setImmediate();
    expect(written).toEqual(['abc', 'd']);
  });

  it('never leaves once it was cleared', async () => {
    add('password');
    outbox.clear();
    add('e');
    await setImmediate();
    expect(written.slice(2)).toEqual(['e']);
  });
});
