import { unusable, type Unusable } from './check.js';
import type { Scheme } from './scheme.js';
import { tellsItsScheme } from './schemes/crypt.js';
import { plain } from './schemes/plain.js';
import { familyNamed, isForeignScheme, schemeNamed } from './schemes/table.js';

/** A stored password taken apart. */
export interface Stored {
  readonly kind: 'stored';
  readonly scheme: Scheme;
  readonly data: Buffer;
}

type Encoding = Scheme['encoding'];

const encodings = new Map<string, Encoding>([
  ['B64', 'base64'],
  ['BASE64', 'base64'],
  ['HEX', 'hex'],
]);

/** Longer texts are no hashes of any scheme; PLAIN passwords end with what nginx can read. */
const longest = 8192;

/**
 * Takes `{SCHEME}data`, `{SCHEME.b64}data`, `{SCHEME.hex}data`, data that tells its own scheme (`$id$…`, Django's
 * `pbkdf2_sha256$…`), or bare data apart. Bare data is of `defaultScheme`.
 */
export const readStored = (text: string, defaultScheme: string): Stored | Unusable => {
  if (text.length > longest) return unusable('the stored password is too long');
  const close = text.startsWith('{') ? text.indexOf('}') : -1;
  if (close > 0) return named(text.slice(1, close), text.slice(close + 1));
  return named(tellsItsScheme(text) ? 'CRYPT' : defaultScheme, text);
};

const named = (label: string, written: string): Stored | Unusable => {
  const dot = label.lastIndexOf('.');
  const name = dot < 0 ? label : label.slice(0, dot);
  // A column of a fixed width fills up with blanks, a file leaves a line's end. No hash ends so; a password itself may.
  const data = dot < 0 && plain.names.includes(name.toUpperCase()) ? written : written.trimEnd();
  const encoding = dot < 0 ? undefined : encodings.get(label.slice(dot + 1).toUpperCase());
  if (dot >= 0 && encoding === undefined) return unknown;
  const family = familyNamed(name);
  const scheme = family === undefined ? schemeNamed(name) : family(decode(data, encoding ?? 'text')?.toString('latin1') ?? '');
  if (scheme === undefined) return isForeignScheme(name) ? unusable(`the scheme ${name.toUpperCase()} is not supported`) : unknown;
  if ('kind' in scheme) return scheme;
  const bytes = decode(data, encoding ?? writtenAs(scheme, data));
  return bytes === undefined
    ? unusable(`the ${scheme.names[0]} hash is not written in the way its scheme wants`)
    : { kind: 'stored', scheme, data: bytes };
};

/** The name itself stays unsaid: what stands in braces may be the beginning of a clear-text password. */
const unknown = unusable('the text in braces names no known password scheme');

const writtenAs = (scheme: Scheme, data: string): Encoding => {
  if (scheme.size === undefined) return scheme.encoding;
  return data.length === scheme.size * 2 ? 'hex' : 'base64';
};

/** Strict, unlike `Buffer.from`: a hash with a letter too many is broken, not shorter. */
const decode = (data: string, encoding: Encoding): Buffer | undefined => {
  switch (encoding) {
    case 'text':
      return Buffer.from(data, 'utf8');
    case 'hex':
      return /^(?:[0-9a-f]{2})*$/i.test(data) ? Buffer.from(data, 'hex') : undefined;
    case 'base64':
      return /^[A-Za-z0-9+/]*={0,2}$/.test(data) && data.replace(/=+$/, '').length % 4 !== 1 ? Buffer.from(data, 'base64') : undefined;
  }
};
