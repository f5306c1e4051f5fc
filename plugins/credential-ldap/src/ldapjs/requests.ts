import type { Query } from '../directory-types.js';
import { enumerated, integer, no, node, sequence, text } from './ber.js';
import { filterBytes } from './filter-bytes.js';

const [bindTag, simpleTag, searchTag, controlsTag] = [0x60, 0x80, 0x63, 0xa0] as const;
const scopes = { base: 0, one: 1, sub: 2 } as const;

const protocolVersion = integer(3);
/** draft-behera-ldap-password-policy section 6.1: says that its answer is understood. */
const policyControl = node(controlsTag, node(sequence, text('1.3.6.1.4.1.42.2.27.8.5.1')));
const neverDereferences = integer(0, enumerated);
/** Who asks for one person needs to know of no more than a second. */
const sizeLimit = integer(2);
const withValues = no();

/**
 * A simple bind (RFC 4511 section 4.2) with the password's own bytes, which ldapjs takes as text, and the question for the password
 * policy's word. `name` goes out as it is: ldapjs's `DN` misreads `\+1` and `\ a`, which Active Directory writes.
 */
export const bindRequest = (id: number, name: string, password: Uint8Array): Buffer =>
  node(sequence, integer(id), node(bindTag, protocolVersion, text(name), node(simpleTag, password)), policyControl);

/** A search (RFC 4511 section 4.5.1). `seconds`: how long the directory may look. */
export const searchRequest = (id: number, { base, scope, filter, attributes }: Query, seconds: number): Buffer => {
  const operation = node(
    searchTag,
    text(base),
    integer(scopes[scope], enumerated),
    neverDereferences,
    sizeLimit,
    integer(seconds),
    withValues,
    filterBytes(filter),
    attributeList(attributes),
  );
  return node(sequence, integer(id), operation);
};

/** The same few lists are asked for again and again. */
const lists = new WeakMap<readonly string[], Buffer>();

const attributeList = (attributes: readonly string[]): Buffer => {
  const known = lists.get(attributes);
  if (known !== undefined) return known;
  const list = node(sequence, ...[...new Set(attributes)].map((name) => text(name)));
  lists.set(attributes, list);
  return list;
};
