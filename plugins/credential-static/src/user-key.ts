import { asciiDomain } from '@postern/contract';

/** As long as the host's canonical users may be, in bytes. */
const longest = 512;

const unfit = /[\u0000-\u001f\u007f]|^\s|\s$/;

/**
 * The form in which users are compared: NFC, lower case, domain as A-labels. `domain` is added to a name that has none.
 * Undefined for what is no login.
 */
export const userKey = (name: string, domain?: string): string | undefined => {
  if (name === '' || name.length > longest || unfit.test(name)) return undefined;
  const at = name.lastIndexOf('@');
  const local = (at < 0 ? name : name.slice(0, at)).normalize('NFC').toLowerCase();
  const own = at < 0 ? domain : asciiDomain(name.slice(at + 1));
  if (local === '' || (at >= 0 && own === undefined)) return undefined;
  const key = own === undefined ? local : `${local}@${own}`;
  return Buffer.byteLength(key) <= longest ? key : undefined;
};
