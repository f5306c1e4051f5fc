import { describe, expect, it } from '@jest/globals';
import type { Enrolled } from '@postern/contract';
import { Enrolling } from '../../src/cli/import/enrolling.js';
import type { Candidate } from '../../src/cli/import/survey.js';

const candidates = Array.from({ length: 40 }, (_, index): Candidate => ({
  ...{ kind: 'candidate', line: index + 1, user: `user-${index + 1}`, hash: '{SSHA512}x', attributes: {} },
}));

const enrolling = (enroll: (user: string) => Promise<Enrolled>, signal = new AbortController().signal) =>
  new Enrolling(
    { knows: () => Promise.resolve(undefined), enroll: ({ user }) => enroll(user) },
    { scheme: 'ARGON2ID', atOnce: 8, dry: false, signal },
  );

const kept: Enrolled = { kind: 'enrolled' };
const deferred: Enrolled = { kind: 'deferred', cause: undefined };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('writing into a store', () => {
  it('asks for some users at once', async () => {
    let [now, most] = [0, 0];
    const writing = enrolling(async () => {
      most = Math.max(most, (now += 1));
      await turn();
      now -= 1;
      return kept;
    });
    await writing.write(candidates);
    expect({ most, ...writing.written }).toEqual({ most: 8, enrolled: 40, conflicts: 0, failed: [], brokenOff: false });
  });

  it('goes on one by one in a store that has room for one writer', async () => {
    let now = 0;
    const writing = enrolling(async () => {
      now += 1;
      await turn();
      const alone = now === 1;
      await turn();
      now -= 1;
      return alone ? kept : deferred;
    });
    await writing.write(candidates);
    expect(writing.written).toEqual({ enrolled: 40, conflicts: 0, failed: [], brokenOff: false });
  });

  it('breaks off soon where nothing is kept, and tries each user twice at most', async () => {
    const asked = new Map<string, number>();
    const writing = enrolling((user) => {
      asked.set(user, (asked.get(user) ?? 0) + 1);
      return Promise.reject(new Error('out'));
    });
    await writing.write(candidates);
    await writing.write(candidates.slice(20));
    expect(writing.written).toMatchObject({ enrolled: 0, brokenOff: true, failed: [1, 2, 3, 4, 5] });
    expect(Math.max(...asked.values())).toBe(2);
    expect(asked.size).toBe(8);
  });

  it('lists the line of a single user that is deferred again, and goes on', async () => {
    const writing = enrolling((user) => Promise.resolve(user === 'user-7' ? deferred : kept));
    await writing.write(candidates);
    expect(writing.written).toEqual({ enrolled: 39, conflicts: 0, failed: [7], brokenOff: false });
  });

  it('ends when the operator breaks off', async () => {
    const stop = new AbortController();
    const writing = enrolling((user) => {
      if (user === 'user-3') stop.abort();
      return Promise.resolve(kept);
    }, stop.signal);
    await writing.write(candidates);
    expect(writing.written.brokenOff).toBe(true);
    expect(writing.written.enrolled).toBeLessThan(12);
  });
});
