import { captureOf, type CaptureEntry, type ListedPlugin, textsOf } from './migration-list.js';

/** 0 observe, 1 shadow, 2 capture, 3 swap by domain, 4 the new store first, 5 tail, 6 closed. */
export type Phase = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const phaseNames: Readonly<Record<Phase, string>> = {
  0: 'observe',
  1: 'shadow',
  2: 'capture',
  3: 'swap by domain',
  4: 'the new store first',
  5: 'tail',
  6: 'closed',
};

/** Where a migration stands, as the plugin list shows it. */
export interface Standing {
  readonly phase: Phase;
  /** The store that is left. Absent once it is taken out of the list. */
  readonly from?: ListedPlugin;
  /** The store that takes over. Absent before it is put into the list. */
  readonly into?: ListedPlugin;
  readonly capture?: ListedPlugin;
  /** The capture's entry from before it was taken out of the list, if it was about these two stores. */
  readonly formerCapture?: CaptureEntry;
  /** Phase 3: the domains that `into` answers first. */
  readonly domains: readonly string[];
  /** Phase 3: the share of users that `into` answers first, in percent. */
  readonly percent?: number;
  /** Phase 5: whom `from` still answers. */
  readonly users: readonly string[];
  /** Entries of the whole list, for edits. */
  readonly list: readonly ListedPlugin[];
}

export type StandingReading =
  { readonly kind: 'standing'; readonly standing: Standing } | { readonly kind: 'unclear'; readonly why: string };

const unclear = (why: string): StandingReading => ({ kind: 'unclear', why });

/** What the section `migration` of the config says; of the two stores its word wins. */
export interface Named {
  readonly from?: string | undefined;
  readonly into?: string | undefined;
  readonly capture?: CaptureEntry | undefined;
}

export const standingOf = (list: readonly ListedPlugin[], named: Named): StandingReading => {
  const stores = list.filter(({ role }) => role === 'credential-store');
  const capture = list.find((one) => one.capture !== undefined);
  const byName = (name: string | undefined): ListedPlugin | undefined => stores.find((store) => store.name === name);
  const into = byName(named.into ?? capture?.capture?.into) ?? (named.into === undefined ? newcomer(stores) : undefined);
  const fromName = named.from ?? capture?.capture?.from;
  const others = stores.filter((store) => store.mode === 'answer' && store !== into);
  const from = fromName === undefined ? onlyOne(others) : byName(fromName);
  if (fromName === undefined && others.length > 1)
    return unclear(`several stores answer (${others.map(({ name }) => name).join(', ')}): say which one is left, as migration.from`);
  const former = captureOf(named.capture);
  const fits = former !== undefined && former.from === from?.name && former.into === into?.name;
  return phaseFrom({
    ...{ list, domains: [], users: [] },
    ...(capture ? { capture } : {}),
    ...(fits ? { formerCapture: former.entry } : {}),
    ...(from ? { from } : {}),
    ...(into ? { into } : {}),
  });
};

const onlyOne = (stores: readonly ListedPlugin[]): ListedPlugin | undefined => (stores.length === 1 ? stores[0] : undefined);

/** The only one in the shadow, or else the only one that is off. */
const newcomer = (stores: readonly ListedPlugin[]): ListedPlugin | undefined =>
  onlyOne(stores.filter(({ mode }) => mode === 'shadow')) ?? onlyOne(stores.filter(({ mode }) => mode === 'off'));

const phaseFrom = (base: Omit<Standing, 'phase'>): StandingReading => {
  const { from, into, capture } = base;
  const at = (phase: Phase, more: Partial<Standing> = {}): StandingReading => ({ kind: 'standing', standing: { ...base, ...more, phase } });
  if (into === undefined && from === undefined) return unclear('no two stores are known: name them as migration.from and migration.into');
  if (into === undefined || into.mode === 'off')
    return from?.mode === 'answer' ? at(0) : unclear('neither of the two stores answers: name them as migration.from and migration.into');
  if (into.mode === 'shadow') {
    if (from?.mode !== 'answer') return unclear(`"${into.name}" is in the shadow, and no store is known that it could take over from`);
    return at(capture === undefined ? 1 : 2);
  }
  if (from?.mode !== 'answer') return at(6);
  if (into.index > from.index)
    return unclear(`"${into.name}" answers, and is asked behind "${from.name}": put it before, or in the shadow`);
  const { percent } = into.when;
  const domains = textsOf(into.when['domain']);
  if (domains.length > 0 || typeof percent === 'number' || into.when['user'] !== undefined)
    return at(3, { domains, ...(typeof percent === 'number' ? { percent } : {}) });
  const users = textsOf(from.when['user']);
  return from.when['user'] === undefined ? at(4) : at(5, { users });
};

/** Whether a domain of the book is one of those in a `when`: `*.example.org` is everything below example.org. */
export const isAmong = (domain: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const lower = pattern.toLowerCase();
    return lower.startsWith('*.') ? domain.endsWith(lower.slice(1)) : domain === lower;
  });
