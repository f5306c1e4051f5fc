import type { Filter } from '../filter/filter.js';
import type { FilterClasses } from './library.js';

/** A filter of ours as one of ldapjs's objects. Never as text: ldapjs sends the escapes of a text on as they are written. */
export const filterObject = (library: FilterClasses, filter: Filter<Buffer>): object => {
  switch (filter.kind) {
    case 'and':
      return new library.AndFilter({ filters: filter.filters.map((each) => filterObject(library, each)) });
    case 'or':
      return new library.OrFilter({ filters: filter.filters.map((each) => filterObject(library, each)) });
    case 'not':
      return new library.NotFilter({ filter: filterObject(library, filter.filter) });
    case 'present':
      return new library.PresenceFilter(filter);
    case 'equal':
      return new library.EqualityFilter({ attribute: filter.attribute, raw: filter.value });
    case 'at-least':
      return new library.GreaterThanEqualsFilter({ attribute: filter.attribute, value: filter.value.toString() });
    case 'at-most':
      return new library.LessThanEqualsFilter({ attribute: filter.attribute, value: filter.value.toString() });
    case 'approximate':
      return new library.ApproximateFilter({ attribute: filter.attribute, value: filter.value.toString() });
    case 'substring': {
      const { attribute, initial, any, final } = filter;
      return new library.SubstringFilter({
        attribute,
        initial: initial?.toString() ?? '',
        any: any.map((each) => each.toString()),
        final: final?.toString() ?? '',
      });
    }
    case 'extensible': {
      const { attribute, rule, wholeDn, value } = filter;
      return new library.ExtensibleFilter({ attribute: attribute ?? '', rule, dnAttributes: wholeDn, value: value.toString() });
    }
  }
};
