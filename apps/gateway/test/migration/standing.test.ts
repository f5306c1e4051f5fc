import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { editedData, editedText } from '../../src/migration/config-edit.js';
import { backStep, nextStep, type Step } from '../../src/migration/list-edit.js';
import type { ListedPlugin } from '../../src/migration/migration-list.js';
import { isAmong, standingOf, type Standing } from '../../src/migration/standing.js';

type Entry = Readonly<Record<string, unknown>>;
const policies = ['throttle', 'capture', 'cache'];

/** As `listOf` gives it, without loading plugins. */
const listed = (entries: readonly Entry[]): readonly ListedPlugin[] =>
  entries.map((entry, index) => ({
    index,
    name: String(entry['as'] ?? entry['use']),
    role: policies.includes(String(entry['use'])) ? 'policy' : entry['use'] === 'hash' ? 'backend-router' : 'credential-store',
    mode: (entry['mode'] ?? 'answer') as ListedPlugin['mode'],
    when: (entry['when'] ?? {}) as ListedPlugin['when'],
    ...(entry['use'] === 'capture' ? { capture: { from: 'staff', into: 'customers', entry } } : {}),
  }));

const capture = { use: 'capture', with: { from: 'staff', into: 'customers', scheme: 'argon2id' } };
const [throttle, hash] = [{ use: 'throttle' }, { use: 'hash' }];
const staff = (more: Entry = {}): Entry => ({ use: 'ldap', as: 'staff', ...more });
const customers = (more: Entry = {}): Entry => ({ use: 'sql', as: 'customers', ...more });
const named = { from: 'staff', into: 'customers' };

const lists = {
  0: [throttle, staff(), customers({ mode: 'off' }), hash],
  1: [throttle, staff(), customers({ mode: 'shadow' }), hash],
  2: [throttle, capture, staff(), customers({ mode: 'shadow' }), hash],
  3: [throttle, capture, customers({ when: { domain: ['a.org'] } }), staff(), hash],
  4: [throttle, capture, customers(), staff(), hash],
  5: [throttle, capture, customers(), staff({ when: { user: ['old@a.org'] } }), hash],
  6: [throttle, customers(), staff({ mode: 'off', when: { user: ['old@a.org'] } }), hash],
} as const;

const standing = (entries: readonly Entry[], names: Parameters<typeof standingOf>[1] = {}): Standing => {
  const reading = standingOf(listed(entries), names);
  if (reading.kind === 'unclear') throw new Error(reading.why);
  return reading.standing;
};

const made = (entries: readonly Entry[], step: Step): unknown => {
  if (step.kind === 'none') return step.why;
  return (editedData({ plugins: entries }, step.edits) as { plugins: unknown }).plugins;
};

describe('the phase of a migration', () => {
  it.each(Object.entries(lists))('%s is read from the plugin list', (phase, entries) => {
    expect(standing(entries, Number(phase) === 6 ? named : {})).toMatchObject({
      phase: Number(phase),
      from: { name: 'staff' },
      into: { name: 'customers' },
    });
  });

  it('knows whom a phase is for', () => {
    expect(standing(lists[3]).domains).toEqual(['a.org']);
    expect(standing(lists[5]).users).toEqual(['old@a.org']);
    expect(standing([capture, customers({ when: { percent: 10 } }), staff()])).toMatchObject({ phase: 3, percent: 10 });
  });

  it.each<[string, readonly Entry[], RegExp]>([
    [
      'several stores answer and none is named',
      [staff(), { use: 'imap' }, customers({ mode: 'shadow' })],
      /several stores answer \(staff, imap\)/,
    ],
    ['the new store is asked behind the old one', [capture, staff(), customers()], /asked behind/],
    ['nothing answers', [customers({ mode: 'shadow' })], /no store is known/],
    ['there is no store', [hash], /no two stores/],
  ])('is unclear where %s', (_name, entries, why) => {
    expect(standingOf(listed(entries), {})).toMatchObject({ kind: 'unclear', why: expect.stringMatching(why) as unknown });
  });

  it('goes by the names in the config before all else', () => {
    const entries = [staff(), { use: 'imap' }, customers({ mode: 'shadow' })];
    expect(standing(entries, { from: 'imap' })).toMatchObject({ phase: 1, from: { name: 'imap' }, into: { name: 'customers' } });
    expect(standing([staff()], {})).toMatchObject({ phase: 0, from: { name: 'staff' } });
    expect(standing([customers()], named)).toMatchObject({ phase: 6, into: { name: 'customers' } });
  });

  it('takes *.example.org for everything below it', () => {
    expect(['example.org', 'a.example.org', 'badexample.org'].map((domain) => isAmong(domain, ['*.example.org']))).toEqual([
      false,
      true,
      false,
    ]);
    expect(isAmong('example.org', ['Example.ORG'])).toBe(true);
  });
});

describe('the edit that leads on', () => {
  const choice = (domains: readonly string[] = [], left: readonly string[] = []) => ({ domains, left });

  it.each<[keyof typeof lists, ReturnType<typeof choice>, readonly Entry[]]>([
    [0, choice(), lists[1]],
    [1, choice(), lists[2]],
    [2, choice(['a.org']), lists[3]],
    [3, choice(['b.org']), [throttle, capture, customers({ when: { domain: ['a.org', 'b.org'] } }), staff(), hash]],
    [3, choice(), lists[4]],
    [4, choice([], ['old@a.org']), lists[5]],
    [5, choice(), lists[6]],
  ])('from phase %i', (phase, chosen, after) => {
    expect(made(lists[phase], nextStep(standing(lists[phase]), chosen))).toEqual(after);
  });

  it('names the two stores in the config when it is over, since the list does not tell any more', () => {
    const step = nextStep(standing(lists[4]), choice());
    if (step.kind === 'none') throw new Error(step.why);
    expect(editedData({ plugins: lists[4] }, step.edits)).toMatchObject({ migration: named });
  });

  it('takes a sample of the shadow away when a domain is swapped, and keeps other conditions', () => {
    const entries = [capture, staff(), customers({ mode: 'shadow', when: { percent: 10, protocol: 'imap' } })];
    const swapped = made(entries, nextStep(standing(entries), choice(['a.org'])));
    expect(swapped).toEqual([capture, customers({ when: { protocol: 'imap', domain: ['a.org'] } }), staff()]);
  });

  it('swaps a domain for all of its users, whoever was let try it first', () => {
    const entries = [throttle, capture, customers({ when: { user: ['me@a.org'] } }), staff(), hash];
    const swapped = made(entries, nextStep(standing(entries), choice(['a.org'])));
    expect(swapped).toEqual([throttle, capture, customers({ when: { domain: ['a.org'] } }), staff(), hash]);
  });

  it('cannot be made where there is no new store, no domain, or nothing to come', () => {
    expect(nextStep(standing([staff()]), choice())).toMatchObject({ kind: 'none' });
    expect(nextStep(standing(lists[2]), choice())).toMatchObject({ kind: 'none' });
    expect(nextStep(standing(lists[6], named), choice())).toMatchObject({ kind: 'none' });
  });
});

describe('the edit that leads back', () => {
  const two = customers({ when: { domain: ['a.org', 'b.org'] } });

  it.each<[string, readonly Entry[], readonly string[], readonly Entry[]]>([
    ['1', lists[1], [], lists[0]],
    ['2', lists[2], [], lists[1]],
    ['3', lists[3], [], lists[2]],
    ['3, one domain', [capture, two, staff()], ['b.org'], [capture, customers({ when: { domain: ['a.org'] } }), staff()]],
    ['3, the last domain', lists[3], ['a.org'], lists[2]],
    ['4', lists[4], [], lists[2]],
    ['4, one domain', lists[4], ['b.org'], lists[3]],
    ['5', lists[5], [], lists[4]],
    ['6', lists[6], [], lists[5]],
  ])('from phase %s', (_name, entries, chosen, after) => {
    expect(made(entries, backStep(standing(entries, named), chosen, ['', 'a.org', 'b.org']))).toEqual(after);
  });

  const own = { use: 'capture', as: 'hashes', with: { from: 'staff', into: 'customers', scheme: 'bcrypt', rehash: true } };
  interface File {
    readonly plugins: readonly Entry[];
    readonly migration: NonNullable<Parameters<typeof standingOf>[1]>;
  }
  const file = (data: Partial<File>, step: (standing: Standing) => Step): File => {
    const taken = step(standing(data.plugins ?? [], data.migration ?? named));
    return editedData(data, taken.kind === 'none' ? [] : taken.edits) as File;
  };

  it('keeps what was said of the capture when it takes it out of the list, and puts it back', () => {
    const plugins = [throttle, own, customers(), staff(), hash];
    const closed = file({ plugins }, (now) => nextStep(now, { domains: [], left: [] }));
    expect(closed.plugins).toEqual([throttle, customers(), staff({ mode: 'off' }), hash]);
    expect(file(closed, (now) => backStep(now, [], []))).toEqual({ plugins, migration: named });
  });

  it('keeps it also from phase 2 to phase 1 and on again', () => {
    const plugins = [throttle, own, staff(), customers({ mode: 'shadow' }), hash];
    const before = file({ plugins }, (now) => backStep(now, [], []));
    expect(before.plugins).toEqual(lists[1]);
    expect(file(before, (now) => nextStep(now, { domains: [], left: [] }))).toEqual({ plugins, migration: {} });
  });

  it('does not take a capture from before that was about other stores', () => {
    const migration = { ...named, capture: { ...own, with: { ...own.with, into: 'guests' } } };
    expect(file({ plugins: lists[6], migration }, (now) => backStep(now, [], []))).toMatchObject({ plugins: lists[5] });
  });

  it('takes a domain back however it is written in the list', () => {
    const entries = [throttle, capture, customers({ when: { domain: ['A.org', 'b.org'] } }), staff(), hash];
    const back = made(entries, backStep(standing(entries), ['a.org'], []));
    expect(back).toEqual([throttle, capture, customers({ when: { domain: ['b.org'] } }), staff(), hash]);
  });

  it('does not say that it took back what the list does not name', () => {
    const entries = [throttle, capture, customers({ when: { domain: ['*.a.org', 'b.org'] } }), staff(), hash];
    for (const domain of ['x.a.org', 'typo.org'])
      expect(backStep(standing(entries), [domain], [])).toMatchObject({ kind: 'none', why: expect.stringContaining(domain) as unknown });
    expect(backStep(standing(lists[4]), ['a.org'], ['', '?', 'a.org', 'b.org'])).toMatchObject({ edits: [{ value: ['b.org'] }] });
  });

  it('puts the capture behind all policies, also behind those that stood between the two stores', () => {
    const entries = [staff({ mode: 'off' }), throttle, customers(), hash];
    expect(made(entries, backStep(standing(entries, named), [], []))).toEqual([customers(), staff(), throttle, capture, hash]);
  });

  it('says what to do where nothing is left to edit', () => {
    expect(backStep(standing(lists[0]), [], [])).toMatchObject({ kind: 'none' });
    expect(backStep(standing([customers()], named), [], [])).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('backup') as unknown,
    });
  });
});

describe('the edited file', () => {
  const swap = (entries: readonly Entry[]) => {
    const step = nextStep(standing(entries), { domains: ['a.org'], left: [] });
    if (step.kind === 'none') throw new Error(step.why);
    return step.edits;
  };
  const entriesOf = (text: string): readonly Entry[] => (parse(text) as { plugins: Entry[] }).plugins;
  const text = [
    '# our gateway',
    'backends: { mail-a: { host: 10.0.0.11 } } # one server',
    'plugins:',
    '  # whoever guesses',
    '  - use: throttle',
    '  - use: capture # since May',
    '    with: { from: staff, into: customers }',
    '  # the directory',
    '  - use: ldap',
    '    as: "staff"',
    "    with: { url: 'ldaps://dc1.example.org' }",
    '  # the new one',
    '  - use: sql',
    '    as: customers',
    '    mode: shadow # not yet',
    '    with: { url: { env: DSN } } # secret',
    '  - use: hash',
    '',
  ].join('\n');

  it('keeps comments, quotes and everything around', () => {
    const edited = editedText(text, swap(entriesOf(text)));
    if (edited.kind !== 'edited') throw new Error(edited.why);
    for (const kept of [
      '# our gateway',
      '# one server',
      '# whoever guesses',
      '# since May',
      '# the directory',
      '# the new one',
      '# secret',
      '"staff"',
    ])
      expect(edited.text).toContain(kept);
    expect(edited.text).not.toContain('mode:');
    expect(entriesOf(edited.text).map((entry) => entry['as'] ?? entry['use'])).toEqual([
      'throttle',
      'capture',
      'customers',
      'staff',
      'hash',
    ]);
    expect(edited.text.indexOf('# the new one')).toBeLessThan(edited.text.indexOf('use: sql'));
    expect(edited.text.indexOf('use: sql')).toBeLessThan(edited.text.indexOf('# the directory'));
  });

  it('is made in JSON, too', () => {
    const edited = editedText(JSON.stringify({ plugins: lists[2] }, undefined, 2), swap(lists[2]));
    expect(edited.kind === 'edited' && entriesOf(edited.text)).toEqual(lists[3]);
  });

  it('gives an aliased part a copy, and leaves the original as it is', () => {
    const shared = [
      'x:',
      '  - &when { percent: 10 }',
      'plugins:',
      '  - use: capture',
      '    with: { from: staff, into: customers }',
      '  - { use: ldap, as: staff }',
      '  - use: sql',
      '    as: customers',
      '    mode: shadow',
      '    when: *when',
      '',
    ].join('\n');
    const edited = editedText(shared, swap(entriesOf(shared)));
    if (edited.kind !== 'edited') throw new Error(edited.why);
    expect(edited.text).toContain('&when { percent: 10 }');
    expect(entriesOf(edited.text)[1]).toMatchObject({ as: 'customers', when: { domain: ['a.org'] } });
  });

  it('is left to a person where the edit would change what others share', () => {
    const shared = [
      'plugins:',
      '  - { use: capture, with: { from: staff, into: customers } }',
      '  - { use: sql, as: customers, when: &when { domain: [b.org] } }',
      '  - { use: ldap, as: staff }',
      '  - { use: hash, when: *when }',
      '',
    ].join('\n');
    expect(editedText(shared, swap(entriesOf(shared)))).toMatchObject({ kind: 'by-hand' });
  });

  it('takes users with odd names', () => {
    const odd = ["o'neil@x.org", 'a: b@x.org', '# no@comment', '__proto__', 'ä"\\@x.org', 'yes', '007'];
    const step = nextStep(standing(lists[4]), { domains: [], left: odd });
    if (step.kind === 'none') throw new Error(step.why);
    const edited = editedText(JSON.stringify({ plugins: lists[4] }), step.edits);
    expect(edited.kind === 'edited' && entriesOf(edited.text)[3]?.['when']).toEqual({ user: odd });
  });
});
