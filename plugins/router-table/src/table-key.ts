import { asciiDomain } from '@postern/contract';

/**
 * A key in the form that is compared, the same for rows and for what is asked: NFC, lower case, a domain after the `@`
 * (or a key that looks like a domain) in ASCII form without its trailing dot.
 */
export const tableKey = (text: string): string => {
  if (plain.test(text)) return text.toLowerCase();
  const key = text.normalize('NFC').toLowerCase();
  const at = key.lastIndexOf('@');
  if (at < 0 && !key.includes('.')) return key;
  return key.slice(0, at + 1) + (asciiDomain(key.slice(at + 1)) ?? key.slice(at + 1));
};

/** Printable ASCII without a dot at the end: nearly every key. */
const plain = /^[\x20-\x7e]*(?:[\x20-\x2d\x2f-\x7e])$/;
