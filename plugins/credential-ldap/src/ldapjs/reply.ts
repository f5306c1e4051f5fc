import { isUtf8 } from 'node:buffer';
import { Entry } from '../directory-types.js';
import { looksLikeDn } from '../dn-template.js';
import { NoLdap, Nodes } from './nodes.js';

/** What a server says to a request. `other` is what nobody asked for: references to other servers, notices. */
export type Reply =
  | { readonly kind: 'bound' | 'done'; readonly id: number; readonly code: number; readonly message: string; readonly policyError?: number }
  | { readonly kind: 'entry'; readonly id: number; readonly entry: Entry }
  | { readonly kind: 'reference'; readonly id: number }
  | { readonly kind: 'other'; readonly id: number };

// RFC 4511 section 4 and appendix B.
const [sequence, set, integer, octets, boolean, enumerated] = [0x30, 0x31, 0x02, 0x04, 0x01, 0x0a] as const;
const [bindResponse, searchEntry, searchDone, searchReference] = [0x61, 0x64, 0x65, 0x73] as const;
const controlsTag = 0xa0;

const policyControl = '1.3.6.1.4.1.42.2.27.8.5.1';
/** draft-behera-ldap-password-policy section 6.2: `error` within the control's value. */
const policyErrorTag = 0x81;

/**
 * Reads one whole message. ldapjs's own reader writes every DN anew, in a way that changes some (`\+1` and `\ a`, as Active
 * Directory has them), and takes most of a login's time for it. Throws a `NoLdap`.
 */
export const replyFrom = (message: Buffer): Reply => {
  const parts = new Nodes(new Nodes(message).take(sequence));
  const id = numberFrom(parts.take(integer));
  switch (parts.tag) {
    case bindResponse: {
      const result = resultFrom(parts.take(bindResponse));
      const policyError = policyErrorIn(parts.takeIf(controlsTag));
      return { kind: 'bound', id, ...result, ...(policyError === undefined ? {} : { policyError }) };
    }
    case searchDone:
      return { kind: 'done', id, ...resultFrom(parts.take(searchDone)) };
    case searchEntry:
      return { kind: 'entry', id, entry: entryFrom(parts.take(searchEntry)) };
    case searchReference:
      return { kind: 'reference', id };
    default:
      return { kind: 'other', id };
  }
};

const resultFrom = (contents: Buffer): { readonly code: number; readonly message: string } => {
  const parts = new Nodes(contents);
  const code = numberFrom(parts.take(enumerated));
  parts.take(octets);
  return { code, message: parts.take(octets).toString('utf8') };
};

/** The DN as the directory writes it, byte for byte; what is none cannot be told, and an empty one would be nobody's bind. */
const entryFrom = (contents: Buffer): Entry => {
  const parts = new Nodes(contents);
  const name = parts.take(octets);
  const dn = isUtf8(name) ? name.toString('utf8') : '';
  const values = new Map<string, readonly Buffer[]>();
  for (const attributes = new Nodes(parts.take(sequence)); attributes.tag !== undefined;) {
    const attribute = new Nodes(attributes.take(sequence));
    values.set(attribute.take(octets).toString('utf8').toLowerCase(), valuesFrom(attribute.take(set)));
  }
  return new Entry(looksLikeDn(dn) ? dn : undefined, values);
};

const valuesFrom = (contents: Buffer): readonly Buffer[] => {
  const values: Buffer[] = [];
  for (const parts = new Nodes(contents); parts.tag !== undefined;) values.push(parts.take(octets));
  return values;
};

const policyErrorIn = (contents: Buffer | undefined): number | undefined => {
  if (contents === undefined) return undefined;
  for (const controls = new Nodes(contents); controls.tag !== undefined;) {
    const control = new Nodes(controls.take(sequence));
    const type = control.take(octets).toString('latin1');
    control.takeIf(boolean);
    if (type === policyControl) return errorIn(control.take(octets));
    control.takeIf(octets);
  }
  return undefined;
};

const errorIn = (value: Buffer): number | undefined => {
  const parts = new Nodes(new Nodes(value).take(sequence));
  // Before it may stand a warning, `[0]`.
  parts.takeIf(0xa0);
  const error = parts.takeIf(policyErrorTag);
  return error === undefined ? undefined : numberFrom(error);
};

/** Message numbers and result codes have no more than four bytes and no sign (RFC 4511 section 4.1.1). */
const numberFrom = (contents: Buffer): number => {
  if (contents.length === 0 || contents.length > 4) throw new NoLdap('the answer has a number that LDAP does not use');
  return contents.readIntBE(0, contents.length);
};
