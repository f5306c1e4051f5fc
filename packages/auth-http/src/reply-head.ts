import type { HeaderField } from './head.js';

const statusLine = 'HTTP/1.0 200 OK\r\n';
const lineOverhead = ': \r\n'.length;

/** Replies that are said over and over keep their bytes. Keyed by the array itself, so nothing is kept alive by it. */
const known = new WeakMap<readonly HeaderField[], Buffer>();

/** Bytes of the reply's head: status line, headers, empty line. Characters of the fields are bytes. */
export const headBytes = (headers: readonly HeaderField[]): number => {
  let bytes = statusLine.length + 2;
  for (const [name, value] of headers) bytes += name.length + value.length + lineOverhead;
  return bytes;
};

/**
 * The whole reply as one buffer for one write: there is no body (rule 54). The status is always 200; nginx does not read it.
 * The buffer may be shared with other replies: write it, never write into it.
 */
export const toWire = (headers: readonly HeaderField[]): Buffer => known.get(headers) ?? serialize(headers);

/** Prepares the bytes of a reply that does not change. */
export const rememberWire = (headers: readonly HeaderField[]): void => {
  known.set(headers, serialize(headers));
};

const serialize = (headers: readonly HeaderField[]): Buffer => {
  let text = statusLine;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
};
