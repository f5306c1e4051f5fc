import type { Verdict } from '@postern/contract';
import { attempt, type AttemptParts, fakeServices, type FakeServices, LiveClock, parseConfig, type StoreUnderTest } from '@postern/testkit';
import { imapPlugin } from '../src/index.js';

export const { signal } = new AbortController();

export const make = (input: Readonly<Record<string, unknown>>, services = fakeServices({ clock: new LiveClock() })): StoreUnderTest =>
  imapPlugin.create(parseConfig(imapPlugin, { timeout: '1500ms', ...input }), services);

export interface Opened {
  readonly store: StoreUnderTest;
  readonly services: FakeServices;
  readonly ask: (parts?: AttemptParts, given?: AbortSignal) => Promise<Verdict>;
}

/** A started store. */
export const open = async (input: Readonly<Record<string, unknown>>): Promise<Opened> => {
  const services = fakeServices({ clock: new LiveClock() });
  const store = make(input, services);
  await store.start?.(signal);
  return { store, services, ask: (parts = {}, given = signal) => store.verify(attempt(parts), given) };
};

/** A verdict's kind, with what a deferral says. */
export const said = async (verdict: Promise<Verdict>): Promise<string> => {
  const known = await verdict;
  return known.kind === 'deferred' ? `deferred: ${String(known.cause)}` : known.kind;
};
