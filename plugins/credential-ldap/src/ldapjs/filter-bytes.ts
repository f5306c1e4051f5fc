import type { Filter } from '../filter/filter.js';
import { node, text, yes } from './ber.js';

/** A filter as it goes out (RFC 4511 section 4.5.1.7). What is typed is the contents of a node, whatever it is. */
export const filterBytes = (filter: Filter<Buffer>): Buffer => {
  switch (filter.kind) {
    case 'and':
      return node(0xa0, ...filter.filters.map(filterBytes));
    case 'or':
      return node(0xa1, ...filter.filters.map(filterBytes));
    case 'not':
      return node(0xa2, filterBytes(filter.filter));
    case 'equal':
      return assertion(0xa3, filter.attribute, filter.value);
    case 'substring':
      return substring(filter);
    case 'at-least':
      return assertion(0xa5, filter.attribute, filter.value);
    case 'at-most':
      return assertion(0xa6, filter.attribute, filter.value);
    case 'present':
      return text(filter.attribute, 0x87);
    case 'approximate':
      return assertion(0xa8, filter.attribute, filter.value);
    case 'extensible':
      return extensible(filter);
  }
};

const assertion = (tag: number, attribute: string, value: Buffer): Buffer => node(tag, text(attribute), node(0x04, value));

const substring = ({ attribute, initial, any, final }: Extract<Filter<Buffer>, { readonly kind: 'substring' }>): Buffer => {
  const pieces = any.map((each) => node(0x81, each));
  if (initial !== undefined) pieces.unshift(node(0x80, initial));
  if (final !== undefined) pieces.push(node(0x82, final));
  return node(0xa4, text(attribute), node(0x30, ...pieces));
};

const extensible = ({ attribute, rule, wholeDn, value }: Extract<Filter<Buffer>, { readonly kind: 'extensible' }>): Buffer => {
  const parts = [node(0x83, value)];
  if (attribute !== undefined) parts.unshift(text(attribute, 0x82));
  if (rule !== undefined) parts.unshift(text(rule, 0x81));
  if (wholeDn) parts.push(yes(0x84));
  return node(0xa9, ...parts);
};
