import { captureIn, captureOut } from './capture-edit.js';
import { isAmong, type Standing } from './standing.js';

export type EditPath = readonly (string | number)[];

/** One change of the config file. Places are those of the list as it is then: the edits before have been made. */
export type ListEdit =
  | { readonly op: 'set'; readonly path: EditPath; readonly value: unknown }
  | { readonly op: 'delete'; readonly path: EditPath }
  | { readonly op: 'insert'; readonly index: number; readonly value: unknown }
  | { readonly op: 'remove'; readonly index: number }
  | { readonly op: 'move'; readonly index: number; readonly to: number };

/** A way from one phase to another. */
export type Step =
  | { readonly kind: 'edit'; readonly to: number; readonly does: string; readonly edits: readonly ListEdit[] }
  | { readonly kind: 'none'; readonly why: string };

const none = (why: string): Step => ({ kind: 'none', why });
const edit = (to: number, does: string, edits: readonly ListEdit[]): Step => ({ kind: 'edit', to, does, edits });

const set = (index: number, path: EditPath, value: unknown): ListEdit => ({ op: 'set', path: ['plugins', index, ...path], value });
const unset = (index: number, path: EditPath): ListEdit => ({ op: 'delete', path: ['plugins', index, ...path] });

export interface Choice {
  /** The domains that the step is for; empty: those that are ready, or all. */
  readonly domains: readonly string[];
  /** Phase 4: whom `from` goes on answering. */
  readonly left: readonly string[];
}

/** The edit that begins the next phase. It does not look at whether this one is done. */
export const nextStep = (standing: Standing, { domains, left }: Choice): Step => {
  const { from, into, phase } = standing;
  if (phase === 6) return none('the migration is closed: nothing comes after that');
  if (from === undefined || into === undefined)
    return none('the new store is not in the list yet: add it with `mode: shadow` (its url and query are yours to say), behind the other');
  switch (phase) {
    case 0:
      return edit(1, `"${into.name}" is asked in the shadow`, [set(into.index, ['mode'], 'shadow')]);
    case 1:
      return edit(2, `what "${from.name}" accepts is kept in "${into.name}"`, captureIn(standing, from.name, into.name));
    case 2:
    case 3:
      return domains.length > 0
        ? swapFor(standing, domains)
        : phase === 3
          ? everywhere(standing)
          : none('no domain is ready, and none was named');
    case 4:
      return left.length === 0
        ? close(standing, from.name, into.name)
        : edit(5, `"${from.name}" answers ${left.length} users and nobody else`, [set(from.index, ['when', 'user'], left)]);
    case 5:
      return close(standing, from.name, into.name);
  }
};

/** The edit that goes back, whatever the numbers are. */
export const backStep = (standing: Standing, chosen: readonly string[], all: readonly string[]): Step => {
  const { from, into, phase, domains } = standing;
  if (phase === 6) return reopen(standing);
  if (from === undefined || into === undefined) return none('nothing has begun yet');
  switch (phase) {
    case 0:
      return none('nothing has begun yet');
    case 1:
      return edit(0, `"${into.name}" is not asked any more`, [set(into.index, ['mode'], 'off')]);
    case 2:
      return edit(1, `nothing is kept in "${into.name}" any more`, captureOut(standing));
    case 3:
      return backFor(standing, domains, chosen);
    case 4: {
      // Those that nobody was seen from go back as well: only names can be kept.
      const seen = all.filter((domain) => domain !== '' && domain !== '?');
      return backFor(standing, [...new Set([...seen, ...chosen])], chosen);
    }
    case 5:
      return edit(4, `"${from.name}" answers whom "${into.name}" does not know`, [withoutWhen(from.index, from.when, ['user'])]);
  }
};

/** A condition that says nothing any more goes as a whole. */
const withoutWhen = (index: number, when: Readonly<Record<string, unknown>>, keys: readonly string[]): ListEdit =>
  Object.keys(when).every((key) => keys.includes(key))
    ? unset(index, ['when'])
    : unset(index, ['when', keys.find((key) => key in when) ?? '']);

const swapFor = ({ from, into, domains: before }: Standing, domains: readonly string[]): Step => {
  if (from === undefined || into === undefined) return none('one of the two stores is not in the list');
  const wanted = [...new Set([...before, ...domains])].sort();
  return edit(3, `"${into.name}" answers ${wanted.join(', ')} first`, [
    set(into.index, ['when', 'domain'], wanted),
    // Whoever was let try it first would be all that there is of the domain: every part of a `when` has to hold.
    ...['percent', 'user'].filter((key) => key in into.when).map((key) => unset(into.index, ['when', key])),
    ...(into.mode === 'answer' ? [] : [unset(into.index, ['mode'])]),
    ...(into.index > from.index ? [{ op: 'move', index: into.index, to: from.index } as const] : []),
  ]);
};

const everywhere = ({ into }: Standing): Step =>
  into === undefined
    ? none('the new store is not in the list')
    : edit(4, `"${into.name}" is asked first for everybody`, limiting(into.index, into.when, ['domain', 'percent', 'user']));

/** Takes several conditions away. */
const limiting = (index: number, when: Readonly<Record<string, unknown>>, keys: readonly string[]): readonly ListEdit[] => {
  const there = keys.filter((key) => key in when);
  if (there.length === Object.keys(when).length) return there.length === 0 ? [] : [unset(index, ['when'])];
  return there.map((key) => unset(index, ['when', key]));
};

const close = (standing: Standing, left: string, kept: string): Step => {
  const { from, into } = standing;
  if (from === undefined || into === undefined) return none('one of the two stores is not in the list');
  return edit(6, `"${kept}" alone answers`, [
    // Later nobody could tell from the list which two it was.
    { op: 'set', path: ['migration', 'from'], value: left },
    { op: 'set', path: ['migration', 'into'], value: kept },
    set(from.index, ['mode'], 'off'),
    ...captureOut(standing),
  ]);
};

/** `there`: the domains that `into` answers first now. `chosen`: of them, those that go back; empty: all, and everybody else. */
const backFor = ({ from, into }: Standing, there: readonly string[], chosen: readonly string[]): Step => {
  if (from === undefined || into === undefined) return none('one of the two stores is not in the list');
  const stranger = chosen.find((domain) => !there.some((one) => one.toLowerCase() === domain));
  if (stranger !== undefined)
    return none(`"${into.name}" does not answer ${stranger} by that name: it answers ${there.join(', ') || 'no domain'} first`);
  const stays = chosen.length === 0 ? [] : there.filter((domain) => !isAmong(domain.toLowerCase(), chosen));
  if (stays.length > 0)
    return edit(3, `"${from.name}" answers ${chosen.join(', ')} first again`, [set(into.index, ['when', 'domain'], stays)]);
  return edit(2, `"${from.name}" answers everybody again, "${into.name}" is in the shadow`, [
    ...limiting(into.index, into.when, ['domain', 'percent', 'user']),
    set(into.index, ['mode'], 'shadow'),
    // Behind the other, as before the swap.
    { op: 'move', index: into.index, to: from.index },
  ]);
};

const reopen = (standing: Standing): Step => {
  const { from, into, capture } = standing;
  if (from === undefined || into === undefined)
    return none('the old store is not in the list any more: put the backup of the config file back, it stands beside it');
  const moves = into.index > from.index;
  // What stands between the two has moved by one place when the capture is put in.
  const placeOf = (index: number): number => (moves && index >= from.index && index < into.index ? index + 1 : index);
  return edit(from.when['user'] === undefined ? 4 : 5, `"${from.name}" answers whom "${into.name}" does not know`, [
    { op: 'delete', path: ['plugins', from.index, 'mode'] },
    ...(moves ? [{ op: 'move', index: into.index, to: from.index } as const] : []),
    ...(capture === undefined ? captureIn(standing, from.name, into.name, placeOf) : []),
  ]);
};
