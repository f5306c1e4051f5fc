import { isUtf8 } from 'node:buffer';
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { lineRows } from './lines.js';
import { nothing, type Row, type RowReader } from './row.js';

/** Bytes. The parser holds the event loop for about 50 ms over this much. */
const parsedWhole = 65_536;

/** A flat YAML mapping. A small file may use all of YAML; a large one may hold one `key: value` a line, which is read in slices. */
export const yamlRows: RowReader = (content) => (content.byteLength <= parsedWhole ? parsedRows(content) : lineRows(content, readPair));

function* parsedRows(content: Uint8Array): Generator<Row> {
  if (!isUtf8(content)) {
    yield { kind: 'problem', line: 1, message: 'not UTF-8' };
    return;
  }
  const lines = new LineCounter();
  const document = parseDocument(Buffer.from(content).toString('utf8'), { uniqueKeys: false, lineCounter: lines });
  const lineOf = (offset = 0): number => lines.linePos(offset).line;
  for (const { pos, message } of document.errors) yield { kind: 'problem', line: lineOf(pos[0]), message: message.split('\n', 1)[0] ?? '' };
  if (document.errors.length > 0 || document.contents === null) return;
  yield* mappingRows(document, lineOf);
}

function* mappingRows({ contents }: Document.Parsed, lineOf: (offset?: number) => number): Generator<Row> {
  if (!isMap(contents)) {
    yield { kind: 'problem', line: lineOf(contents?.range[0]), message: 'not a mapping' };
    return;
  }
  for (const item of contents.items as Pair<Node, Node | null>[]) yield pairRow(item, lineOf(item.key.range?.[0]));
}

/** A key counts as it is written, `1.0` too; a value must be a text, so that nobody's `no` or `0x1f` is read as something else. */
const pairRow = ({ key, value }: Pair<Node, Node | null>, line: number): Row => {
  if (!isScalar(key)) return { kind: 'problem', line, message: 'the key is not a text' };
  if (!isScalar(value) || typeof value.value !== 'string')
    return { kind: 'problem', line, message: 'the value is not a text; put quotes around it' };
  return { kind: 'row', key: typeof key.value === 'string' ? key.value : (key.source ?? ''), value: value.value, line };
};

const scalar = String.raw`(?:"([^"\\]*)"|'([^']*)'|([\w\u00a1-\uffff](?:[\w\u00a1-\uffff.@+=%/:-]*[\w\u00a1-\uffff.@+=%/-])?))`;
const simplePair = new RegExp(`^${scalar}[ \\t]*:[ \\t]+${scalar}[ \\t]*(?:[ \\t]#.*)?$`);
/** Plain scalars that YAML 1.2 takes for something else than a text. */
const notText = /^(?:null|true|false|\d+(?:\.\d*)?(?:e[-+]?\d+)?|0o[0-7]+|0x[\da-f]+)$/i;

const readPair = (text: string, line: number): Row => {
  const [, keyOne = '', keyTwo = '', keyThree = '', one, two, plain] = simplePair.exec(text) ?? [];
  const value = one ?? two ?? plain;
  if (value !== undefined && !(plain !== undefined && notText.test(plain))) {
    return { kind: 'row', key: keyOne + keyTwo + keyThree, value, line };
  }
  if (/^\s*(?:#|$)/.test(text) || (text === '---' && line === 1)) return nothing;
  return {
    kind: 'problem',
    line,
    message: 'not a plain `key: value`, and this file is over 64 KiB; use two-column text (format: text) for large tables',
  };
};
