import type { Template } from '@postern/contract';
import { MissingName } from './filter/value-template.js';
import type { Names } from './names.js';

/**
 * A value as it stands in a DN: everything but ASCII letters, digits and a few harmless signs as a backslash and two
 * hexadecimal digits (RFC 4514 section 2.4). Ours and not ldapjs's `DN`, which lets a value that looks like `#0402…` through as
 * encoded bytes: somebody else's name.
 */
const escaped = (value: string): string =>
  [...Buffer.from(value, 'utf8')]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      return /[A-Za-z0-9@._-]/.test(sign) ? sign : `\\${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');

/** Signs that can make a DN, or `DOMAIN\user`, out of what is to be a plain name. */
const notInPlainNames = /[=,+"\\<>;#/:*]|^\s|\s$/u;

/** Whether a template gives a DN, or another name that a directory takes, such as Active Directory's `{user}@example.org`. */
export const isDnTemplate = (template: Template): boolean => isDnText(template.text);

/** Whether a name to log in under is a DN and not, say, `ann@example.org`. */
export const isDnText = (name: string): boolean => name.includes('=');

/** The name to log in under. Throws a `MissingName` when there is none: the login has no domain, or is no plain name. */
export const renderName = (template: Template, names: Names): string =>
  template.parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const name = names[part.name];
      if (name === undefined || name === '') throw new MissingName(part.name);
      if (isDnTemplate(template)) return escaped(name);
      if (notInPlainNames.test(name)) throw new MissingName(part.name);
      return name;
    })
    .join('');

const rdn =
  /^\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=(?:[^\\+]|\\[\s\S])*(?:\+\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=(?:[^\\+]|\\[\s\S])*)*$/;

/** Whether a text could be a DN: parts with `attribute=value`, commas between them. The directory knows better. */
export const looksLikeDn = (text: string): boolean => splitDn(text).every((part) => rdn.test(part));

const splitDn = (text: string): readonly string[] => text.split(/(?<!\\)(?:\\\\)*,/);
