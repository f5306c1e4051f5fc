import { describe, expect, it } from '@jest/globals';
import { Journal } from '../../src/answer/journal.js';
import { OpenJournals } from '../../src/answer/open-journals.js';
import { ManualClock } from './fakes.js';

const journal = new Journal({
  question: 'verify',
  signal: new AbortController().signal,
  startedAt: 0,
  storesEnd: 0,
  clock: new ManualClock(),
});

describe('the journals of the attempts that are being answered', () => {
  it.each(['0198', '__proto__', 'constructor', 'toString'])('are found by the id %s and by no other, until they are taken out', (id) => {
    const journals = new OpenJournals();
    expect(journals.get(id)).toBeUndefined();
    journals.set(id, journal);
    expect(journals.get(id)).toBe(journal);
    expect(journals.get('another')).toBeUndefined();
    journals.delete(id);
    expect(journals.get(id)).toBeUndefined();
  });
});
