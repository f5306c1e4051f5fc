import type { Entry, FormatReader } from '../../src/cli/import/entry.js';
import { LineSplitter } from '../../src/cli/import/line-splitter.js';

/** All entries of a text, which comes in pieces of so many bytes. */
export const readText = (reader: FormatReader, text: string | Buffer, pieceBytes = 7): readonly Entry[] => {
  const bytes = Buffer.from(text);
  const splitter = new LineSplitter();
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) entries.push(...reader.read(splitter.push(bytes.subarray(at, at + pieceBytes))));
  return [...entries, ...reader.read(splitter.end()), ...reader.end()];
};

export const person = (line: number, user: string, stored: string, more: object = {}): object => ({
  ...{ kind: 'person', line, user, stored, enabled: true, attributes: {} },
  ...more,
});
