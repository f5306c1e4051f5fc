import { has } from '../answer/named-store.js';
import type { StoreSeat } from '../answer/seat.js';
import { ConfigError } from './config-error.js';
import type { ResolvedConfig } from './resolved-config.js';

/** Stores that cannot do what others need of them. It shows only once they are made. */
export const lackingStores = ({ file, plugins }: ResolvedConfig, seats: readonly StoreSeat[]): readonly ConfigError[] => {
  const stores = new Map(seats.map(({ name, instance }) => [name, instance]));
  return plugins.flatMap(({ index, position, inspection }) =>
    (inspection.stores ?? []).flatMap(({ name, path, needs }) => {
      const store = stores.get(name);
      const lacking = store === undefined ? [] : needs.filter((task) => !has(store, task));
      if (lacking.length === 0) return [];
      const place = { file, path: ['plugins', index, 'with', ...path], line: position?.line, column: position?.column };
      const message = `the store ${JSON.stringify(name)} has no ${lacking.join(' and no ')}`;
      const hint = 'Name a store that can do it, or set the options by which this one learns it.';
      return [new ConfigError('store-lacks', place, message, hint)];
    }),
  );
};
