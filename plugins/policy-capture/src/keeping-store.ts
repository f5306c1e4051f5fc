import type { Kept, NamedStore, Stores } from '@postern/contract';

/** A store that hashes can be kept in and taken away from. */
export type KeepingStore = NamedStore & Required<Pick<NamedStore, 'kept' | 'enroll' | 'withdraw'>>;

/** Cannot tell now: the next login tries again. */
export class Unclear extends Error {
  override readonly name = 'Unclear';
}

/** Throws an `Unclear` when there is none of that name. */
export const keepingStore = (stores: Stores, name: string): KeepingStore => {
  const store = stores.get(name);
  if (store === undefined || !isKeeping(store)) throw new Unclear('there is no store that hashes could be kept in');
  return store;
};

/** What it keeps of somebody. Throws an `Unclear`. */
export const keptBy = async (
  store: KeepingStore,
  name: string,
  signal: AbortSignal,
): Promise<Exclude<Kept, { readonly kind: 'deferred' }>> => {
  const kept = await store.kept(name, signal);
  if (kept.kind === 'deferred') throw new Unclear(`${store.name} cannot tell what it keeps`, { cause: kept.cause });
  return kept;
};

const isKeeping = (store: NamedStore): store is KeepingStore =>
  store.kept !== undefined && store.enroll !== undefined && store.withdraw !== undefined;
