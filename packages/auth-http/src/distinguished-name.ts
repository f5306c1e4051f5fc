import { utf8Text } from './text.js';

export interface NameAttribute {
  /** As written: `CN`, `emailAddress`, `1.2.840.113549.1.9.1`. */
  readonly type: string;
  readonly value: string;
}

const typeBefore = /^ *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)$/;

/**
 * A certificate's subject or issuer in order of writing. Two forms: RFC 2253, `CN=t\C3\A9st,O=Ex\, Org` (nginx since 1.11.6),
 * and OpenSSL's one-line form, `/O=Ex/CN=t\xC3\xA9st`. An empty one has no attributes.
 * Undefined for what is neither, or not UTF-8.
 */
export const parseDistinguishedName = (text: string): readonly NameAttribute[] | undefined => {
  if (text === '') return [];
  const attributes: NameAttribute[] = [];
  const parts = isOneLine(text) ? oneLineParts(text) : rfc2253Parts(text);
  for (const part of parts) {
    const equals = part.indexOf('=');
    const type = typeBefore.exec(part.slice(0, Math.max(equals, 0)))?.[1];
    const value = utf8Text(unescaped(part.slice(equals + 1)));
    if (type === undefined || value === undefined) return undefined;
    attributes.push({ type, value });
  }
  return attributes;
};

/**
 * Whether it is OpenSSL's one-line form. That form escapes no `/`, so `/O=x/CN=admin` may as well be one organisation called
 * `x/CN=admin`: fit for reading, not for deciding who somebody is.
 */
export const isOneLine = (text: string): boolean => text.startsWith('/');

/** Parts between `,` and `+` (several attributes in one RDN) that are not escaped. Quoted values (RFC 1779) are not understood. */
const rfc2253Parts = (text: string): readonly string[] =>
  /^(?:[^"\\]|\\.)*$/s.test(text) ? (text.match(/(?:^|[,+])(?:[^,+\\]|\\.)*/gs)?.map(withoutSeparator) ?? []) : [''];

const withoutSeparator = (part: string): string => part.replace(/^[,+]/, '');

/** A part starts only where a type and `=` follow. */
const oneLineParts = (text: string): readonly string[] => text.slice(1).split(/\/(?=[A-Za-z][A-Za-z0-9-]*=|\d+(?:\.\d+)*=)/);

/** `\,` is a comma, `\C3` and `\xC3` are bytes. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:x?([0-9a-fA-F]{2})|(.))/gs, (_, hex: string | undefined, character: string | undefined) =>
    hex === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
