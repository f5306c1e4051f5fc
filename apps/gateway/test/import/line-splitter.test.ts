import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Line } from '../../src/cli/import/entry.js';
import { LineSplitter, longestLine } from '../../src/cli/import/line-splitter.js';

const split = (bytes: Buffer, pieceBytes: number): readonly Line[] => {
  const splitter = new LineSplitter();
  const lines: Line[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) lines.push(...splitter.push(bytes.subarray(at, at + pieceBytes)));
  return [...lines, ...splitter.end()];
};

const texts = (content: string | Buffer): readonly string[] => split(Buffer.from(content), 3).map(({ text, trouble }) => trouble ?? text);

describe('lines of a file', () => {
  it('end with LF or CRLF, and the last may end with neither', () => expect(texts('a\r\nb\n\nc')).toEqual(['a', 'b', '', 'c']));

  it('begin behind a byte order mark, which is one only at the very beginning', () =>
    expect(texts('\ufeffä\n\ufeffb')).toEqual(['ä', '\ufeffb']));

  it.each([
    ['NUL', 'a\0b'],
    ['a carriage return in the middle', 'a\rb'],
    ['an escape', 'a\u001b[2J'],
  ])('with %s are troubled and give nothing of what they say', (_name, line) =>
    expect(split(Buffer.from(`x\n${line}\ny`), 2)).toEqual([
      { number: 1, text: 'x' },
      { number: 2, text: '', trouble: 'it holds control characters' },
      { number: 3, text: 'y' },
    ]),
  );

  it('that are not UTF-8 are troubled', () =>
    expect(texts(Buffer.from([0x61, 0xff, 0x0a, 0x62]))).toEqual(['it is not written in UTF-8', 'b']));

  it('of a mebibyte are troubled, whatever the pieces, and the next is read', () => {
    const long = Buffer.from(`${'k'.repeat(1_048_576)}\nnext\n${'k'.repeat(1_048_576)}`);
    for (const pieceBytes of [1000, 65_536, 5_000_000])
      expect(split(long, pieceBytes)).toEqual([
        { number: 1, text: '', trouble: 'it is longer than 64 KiB' },
        { number: 2, text: 'next' },
        { number: 3, text: '', trouble: 'it is longer than 64 KiB' },
      ]);
  });

  it('may be as long as is allowed', () => expect(texts(`${'k'.repeat(longestLine)}\r\n`)[0]).toHaveLength(longestLine));

  it('are the same however the file comes in pieces', () => {
    const content = fc
      .array(fc.constantFrom('a', 'é', '\r\n', '\n', '\0', '😀', ':'), { maxLength: 60 })
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 9 }), (bytes, size) => expect(split(bytes, size)).toEqual(split(bytes, 1000))),
    );
  });
});
