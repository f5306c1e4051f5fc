import { nothing, type Row } from './row.js';

/** Bytes in a line; a key and a value are much shorter, and expressions stay cheap. */
const longest = 4096;

/** Gives each line of a file to `read`, without its line break. Lines that are too long or not UTF-8 are problems. */
export function* lineRows(content: Uint8Array, read: (text: string, line: number) => Row): Generator<Row> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let line = 1; start < bytes.length; line += 1) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    yield end - start > longest ? { kind: 'problem', line, message: 'longer than 4096 bytes' } : readLine(bytes, start, end, line, read);
    start = end + 1;
  }
}

const readLine = (bytes: Buffer, start: number, end: number, line: number, read: (text: string, line: number) => Row): Row => {
  const text = bytes.toString('utf8', start, bytes[end - 1] === 0x0d && end > start ? end - 1 : end);
  if (text === '') return nothing;
  if (text.includes('\ufffd')) return { kind: 'problem', line, message: 'not UTF-8' };
  return read(text, line);
};
