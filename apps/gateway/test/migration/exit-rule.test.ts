import { describe, expect, it } from '@jest/globals';
import { noFacts, type DayFacts, type DomainFacts, type LedgerFacts } from '@postern/ledger';
import { exitRule, type ExitParts } from '../../src/migration/exit-rule.js';
import type { ListedPlugin } from '../../src/migration/migration-list.js';
import type { Phase } from '../../src/migration/standing.js';

const day = 86_400_000;
const now = Date.UTC(2026, 4, 20, 12);
const exit = { observeFor: 3 * day, mismatches: 0.001, minCompared: 100, captured: 0.95, stableFor: 7 * day, dormantAfter: 90 * day };
const store = (name: string): ListedPlugin => ({ index: 0, name, role: 'credential-store', mode: 'answer', when: {} });

const domain = (name: string, more: Partial<DomainFacts> = {}): DomainFacts => ({
  ...{ domain: name, users: 1000, active: 1000, captured: 960, covered: 960, compared: 1000, matching: 1000 },
  ...{ matchingLong: 0, mismatching: 0, attributes: 0, dormant: 0, ...more },
});

const days = (store: string, kind: string, perDay: number, first: number, last = 0): readonly DayFacts[] =>
  Array.from({ length: first - last + 1 }, (_, index) => ({
    ...{ day: new Date(now - (first - index) * day).toISOString().slice(0, 10), domain: 'a.org', store, other: '', kind },
    ...{ events: perDay, storeMs: 0, otherMs: 0 },
  }));

const rule = (phase: Phase, facts: Partial<LedgerFacts>, more: Partial<ExitParts> = {}, swapped: readonly string[] = []) =>
  exitRule({
    standing: { phase, from: store('staff'), into: store('customers'), domains: swapped, users: ['old@a.org'], list: [] },
    facts: { ...noFacts, ...facts },
    ...{ exit, now, domains: [], settled: new Set<string>() },
    ...more,
  });

const gone = { total: 1, users: [{ user: 'gone@a.org', lastSeen: 1, comparedKind: '', comparedSince: 0 }] };

const begun = now - 4 * day;
const answering = [
  ...days('customers', 'accepted', 1000, 9),
  ...days('customers', 'rejected', 20, 9),
  ...days('staff', 'accepted', 1000, 13, 10),
  ...days('staff', 'rejected', 20, 13, 10),
];

describe('the end of a phase', () => {
  it.each<[string, Phase, Partial<LedgerFacts>, Partial<ExitParts>, readonly string[], boolean]>([
    [
      'the shadow was watched for long enough and differs little',
      1,
      { begun, domains: [domain('a.org', { mismatching: 1 })] },
      {},
      [],
      true,
    ],
    ['the shadow was watched too shortly', 1, { begun: now - 2 * day, domains: [domain('a.org')] }, {}, [], false],
    ['nothing was noted', 1, {}, {}, [], false],
    ['too few were compared', 1, { begun, domains: [domain('a.org', { compared: 99 })] }, {}, [], false],
    ['too many mismatch', 1, { begun, domains: [domain('a.org', { mismatching: 2 })] }, {}, [], false],
    ['one user would open another mailbox', 1, { begun, domains: [domain('a.org', { attributes: 1 })] }, {}, [], false],
    ['one domain is captured', 2, { domains: [domain('a.org'), domain('b.org', { covered: 10 })] }, {}, [], true],
    [
      'the wanted domain is not captured',
      2,
      { domains: [domain('a.org'), domain('b.org', { covered: 949 })] },
      { domains: ['b.org'] },
      [],
      false,
    ],
    ['nobody knows the wanted domain', 2, { domains: [domain('a.org')] }, { domains: ['typo.org'] }, [], false],
    ['users mismatch in the domain', 2, { domains: [domain('a.org', { mismatching: 20 })] }, {}, [], false],
    [
      'writes failed and whoever matters is captured all the same',
      2,
      { domains: [domain('a.org')], days: [...days('customers', 'captured', 100, 0), ...days('customers', 'failed-deferred', 5, 0)] },
      {},
      [],
      true,
    ],
    ['another domain is ready', 3, { domains: [domain('a.org'), domain('b.org')] }, {}, ['a.org'], true],
    ['all are swapped and it is stable', 3, { domains: [domain('a.org')], days: answering }, {}, ['a.org'], true],
    [
      'all are swapped since yesterday',
      3,
      { domains: [domain('a.org')], days: days('customers', 'accepted', 1000, 1) },
      {},
      ['a.org'],
      false,
    ],
    [
      'the new store rejects more',
      3,
      { domains: [domain('a.org')], days: [...answering, ...days('customers', 'deferred', 100, 3)] },
      {},
      ['a.org'],
      false,
    ],
    ['a domain lags behind', 3, { domains: [domain('a.org'), domain('b.org', { covered: 0 })], days: answering }, {}, ['a.org'], false],
    [
      'the old store answers nearly nobody',
      4,
      { domains: [domain('a.org')], days: [...answering, ...days('staff', 'accepted', 1, 3)] },
      {},
      [],
      true,
    ],
    [
      'the old store still answers',
      4,
      { domains: [domain('a.org')], days: [...answering, ...days('staff', 'accepted', 50, 3)] },
      {},
      [],
      false,
    ],
    [
      'somebody is kept out by the old store alone',
      4,
      { domains: [domain('a.org')], days: [...answering, ...days('staff', 'accepted', 1, 3)], disabledInOld: gone },
      {},
      [],
      false,
    ],
    ['somebody is kept out by the old store alone', 5, { disabledInOld: gone }, { settled: new Set(['old@a.org']) }, [], false],
    ['the list of the tail is dealt with', 5, {}, { settled: new Set(['old@a.org']) }, [], true],
    ['somebody is left in the tail', 5, {}, {}, [], false],
    ['it is closed', 6, {}, {}, [], true],
  ])('%s', (_name, phase, facts, more, swapped, holds) => {
    const found = rule(phase, facts, more, swapped);
    expect({ holds: found.holds, checks: found.holds === holds ? [] : found.checks }).toEqual({ holds, checks: [] });
  });

  it('says the numbers', () => {
    const { checks } = rule(1, { begun, domains: [domain('a.org', { mismatching: 2 })] });
    expect(checks.map(({ what, is, wanted }) => [what, is, wanted])).toEqual([
      ['compared for', '4d', '3d'],
      ['users compared', '1000', 'at least 100'],
      ['users who mismatch', '2 of 1000 (0.2%)', 'at most 0.1%'],
      ['users whose attributes or backend differ', '0', '0'],
    ]);
  });
});
