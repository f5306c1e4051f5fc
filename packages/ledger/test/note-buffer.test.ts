import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NoteBuffer } from '../src/note-buffer.js';
import { readName, storedName } from '../src/stored-name.js';
import { accepted, captured, compared, rejected, withdrawn } from './support/opened-book.js';

const day = 86_400_000;

describe('what waits to be written', () => {
  it('is one record for each user and one counter for each kind', () => {
    const buffer = new NoteBuffer({ most: 100, batch: 100 });
    for (let at = day; at < day + 50; at++) buffer.note(accepted('anna@x.org'), at);
    buffer.note(captured('anna@x.org'), day + 60);
    buffer.note(withdrawn('anna@x.org'), day + 61);
    buffer.note(accepted('anna@x.org'), 2 * day);
    const batch = buffer.take();
    expect([...(batch?.users.keys() ?? [])]).toEqual(['anna@x.org']);
    expect(batch?.users.get('anna@x.org')).toMatchObject({ first: day, seen: { at: 2 * day, store: 'staff' }, captured: { into: '' } });
    expect(batch?.tallies.map(({ day: on, kind, events }) => [on, kind, events]).sort()).toEqual([
      ['1970-01-02', 'accepted', 50],
      ['1970-01-02', 'captured', 1],
      ['1970-01-02', 'withdrawn-newer', 1],
      ['1970-01-03', 'accepted', 1],
    ]);
    expect(buffer.take()).toBeUndefined();
  });

  it('is bounded: who was not noted for the longest time goes, and is counted', () => {
    const buffer = new NoteBuffer({ most: 10, batch: 100 });
    for (let index = 0; index < 15; index++) buffer.note(accepted(`u${index}@x.org`), day);
    buffer.note(accepted('u5@x.org'), day);
    buffer.note(accepted('u99@x.org'), day);
    expect([buffer.dropped, buffer.size]).toEqual([6, 11]);
    expect([buffer.find('u5@x.org'), buffer.find('u6@x.org')]).toEqual([expect.anything(), undefined]);
  });

  it('bounds the counters, too', () => {
    const buffer = new NoteBuffer({ most: 10, batch: 100 });
    for (let index = 0; index < 50; index++) buffer.note(accepted(`one@d${index}.org`), day);
    expect(buffer.size).toBe(20);
  });

  it('keeps no name that cannot be kept, and counts those', () => {
    const buffer = new NoteBuffer({ most: 10, batch: 100 });
    for (const name of ['a'.repeat(600), 'ä'.repeat(200), '\ud800@x.org']) buffer.note(accepted(name), day);
    expect([buffer.unfit, buffer.size]).toEqual([3, 0]);
  });

  it('takes out what is oldest, so much at a time', () => {
    const buffer = new NoteBuffer({ most: 1000, batch: 100 });
    for (let index = 0; index < 250; index++) buffer.note(accepted(`u${index}@x.org`), day);
    const sizes = [buffer.take(), buffer.take(), buffer.take(), buffer.take()].map(
      (batch) => batch && [batch.number, batch.users.size + batch.tallies.length],
    );
    expect(sizes).toEqual([[1, 100], [2, 100], [3, 51], undefined]);
  });

  it('counts a domain by its name only once somebody was let in from it', () => {
    const buffer = new NoteBuffer({ most: 1000, batch: 100 });
    buffer.note(rejected('a@x.org'), day);
    buffer.note(compared('b@x.org', 'match'), day);
    buffer.note(rejected('a@x.org'), day);
    const domains = buffer
      .take()
      ?.tallies.map(({ domain, kind }) => [domain, kind])
      .sort();
    expect(domains).toEqual([
      ['?', 'rejected'],
      ['x.org', 'match'],
      ['x.org', 'rejected'],
    ]);
  });

  it('knows how often a comparison turned, and since when it is as it is', () => {
    const buffer = new NoteBuffer({ most: 1000, batch: 100 });
    (['match', 'match', 'ok/unknown', 'undecided', 'attributes', 'ok/mismatch', 'match'] as const).forEach((kind, index) =>
      buffer.note(compared('b@x.org', kind), day + index),
    );
    expect(buffer.take()?.users.get('b@x.org')?.compared).toEqual({ at: day + 6, kind: 'match', class: 'match', since: day + 6, turns: 3 });
  });
});

describe('a name as it is kept', () => {
  it('is printable ASCII, of one name only, and can be read again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 40 }), (one, other) => {
        const [kept, second] = [storedName(one), storedName(other)];
        if (kept === undefined || second === undefined) return;
        expect(kept).toMatch(/^[!-~]*$/);
        expect(readName(kept)).toBe(one);
        expect(kept === second).toBe(one === other);
      }),
    );
  });
});
