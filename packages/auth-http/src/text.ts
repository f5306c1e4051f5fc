import { isUtf8 } from 'node:buffer';

const space = 32;
const tab = 9;

const isBlank = (code: number): boolean => code === space || code === tab;

/** The part of `text` without spaces and tabs at its edges. Not `trim()`: that would also take A0, a byte of a password. */
export const trimBlanks = (text: string, start = 0, stop = text.length): string => {
  let from = start;
  let to = stop;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
};

/** Bytes (latin1 characters) read as UTF-8; undefined when they are not UTF-8. The text has memory of its own, see `detached`. */
export const utf8Text = (bytes: string): string | undefined => {
  if (/^[\0-\x7f]*$/.test(bytes)) return detached(bytes);
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : undefined;
};

const scratch = Buffer.alloc(256);

/**
 * The same text in memory of its own. V8 keeps the whole string alive that a part was cut from; a cache or counter keyed
 * by a user or an address would keep the request with its password. (Parts under 13 characters V8 copies itself.)
 */
export const detached = (bytes: string): string => {
  if (bytes.length < 13) return bytes;
  if (bytes.length > scratch.length) return Buffer.from(bytes, 'latin1').toString('latin1');
  return scratch.toString('latin1', 0, scratch.write(bytes, 'latin1'));
};

/** Whether there is a C0 or C1 control character or DEL. */
export const hasControl = (text: string): boolean => /[\0-\x1f\x7f-\x9f]/.test(text);
