import { didYouMean } from '../reading/nearest.js';
import type { ReadUse } from '../reading/plugin-list.js';
import type { CheckContext } from './check-context.js';

/** Stores that are asked by name. What they can do shows only once they are made. */
export const checkStores = ({ uses, problems }: CheckContext): void => {
  const named = new Map(uses.flatMap((use) => (use.name === undefined ? [] : [[use.name, use] as const])));
  const known = uses.flatMap(({ name, plugin }) => (name === undefined || plugin?.role !== 'credential-store' ? [] : [name]));
  for (const { parsed, index } of uses) {
    for (const { name, path } of parsed?.inspection?.stores ?? []) {
      const fault = faultOf(name, named.get(name));
      if (fault === undefined) continue;
      const hint = [didYouMean(name, known), known.length === 0 ? 'There is none.' : `Stores: ${known.join(', ')}.`];
      problems.add({
        code: 'store-unknown',
        path: ['plugins', index, 'with', ...path],
        message: fault,
        hint: hint.filter((part) => part !== '').join(' '),
      });
    }
  }
};

/** Says nothing of an entry that could not be loaded: it may be the store. */
const faultOf = (name: string, use: ReadUse | undefined): string | undefined => {
  const shown = JSON.stringify(name);
  if (use === undefined) return `no credential store in the list is called ${shown}`;
  if (use.plugin === undefined) return undefined;
  if (use.plugin.role !== 'credential-store') return `${shown} is a ${use.plugin.role} and no credential store`;
  return use.mode === 'off' ? `the store ${shown} is switched off` : undefined;
};
