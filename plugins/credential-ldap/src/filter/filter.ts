/**
 * An LDAP search filter (RFC 4511 section 4.5.1.7) as a tree. `V` is what stands for an assertion value: a template in the
 * config, bytes on the way out. A value is never part of a text that is parsed again, so nothing typed can change the tree.
 */
export type Filter<V> =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter<V>[] }
  | { readonly kind: 'not'; readonly filter: Filter<V> }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: Comparison; readonly attribute: string; readonly value: V }
  | { readonly kind: 'substring'; readonly attribute: string; readonly initial?: V; readonly any: readonly V[]; readonly final?: V }
  | { readonly kind: 'extensible'; readonly attribute?: string; readonly rule?: string; readonly wholeDn: boolean; readonly value: V };

export type Comparison = 'equal' | 'at-least' | 'at-most' | 'approximate';

/** Matches every entry. */
export const anyEntry: Filter<never> = { kind: 'present', attribute: 'objectClass' };

/** The same tree with other values. */
export const mapFilter = <V, W>(filter: Filter<V>, map: (value: V) => W): Filter<W> => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, filters: filter.filters.map((each) => mapFilter(each, map)) };
    case 'not':
      return { kind: 'not', filter: mapFilter(filter.filter, map) };
    case 'present':
      return filter;
    case 'substring': {
      const { initial, any, final, ...rest } = filter;
      return {
        ...rest,
        any: any.map(map),
        ...(initial === undefined ? {} : { initial: map(initial) }),
        ...(final === undefined ? {} : { final: map(final) }),
      };
    }
    case 'equal':
    case 'at-least':
    case 'at-most':
    case 'approximate':
      return { kind: filter.kind, attribute: filter.attribute, value: map(filter.value) };
    case 'extensible':
      return { ...filter, value: map(filter.value) };
  }
};

/** All values of a filter, in order. */
export const valuesOf = <V>(filter: Filter<V>): readonly V[] => {
  const values: V[] = [];
  mapFilter(filter, (value) => values.push(value));
  return values;
};
