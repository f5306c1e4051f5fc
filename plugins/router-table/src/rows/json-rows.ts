import { isUtf8 } from 'node:buffer';
import type { Row, RowReader } from './row.js';

const text = String.raw`("[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*")`;
const blank = String.raw`[ \t\r\n]*`;
const opening = new RegExp(`\\ufeff?${blank}\\{${blank}(\\}?)`, 'y');
const pair = new RegExp(`(${blank})${text}${blank}:${blank}${text}${blank}([,}])`, 'y');
const leading = new RegExp(blank, 'y');
const rest = new RegExp(`${blank}$`, 'y');

/**
 * One flat JSON object of texts. `JSON.parse` would hold the event loop for the whole file, keep only the last of two
 * equal keys and forget where they stood; so pairs are found here and only their escapes are left to it.
 */
export const jsonRows: RowReader = function* (content) {
  const whole = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
  const open = take(opening, whole, 0);
  if (open === undefined || !isUtf8(content)) {
    yield { kind: 'problem', line: 1, message: open === undefined ? 'not a JSON object' : 'not UTF-8' };
    return;
  }
  const end = open[1] === '' ? yield* pairRows(whole, open[0].length) : open[0].length;
  if (end !== undefined && take(rest, whole, end) === undefined)
    yield { kind: 'problem', line: lineAt(whole, end), message: 'something follows the object' };
};

/** Gives back where the object ended; undefined after a problem that leaves no way to go on. */
function* pairRows(whole: string, start: number): Generator<Row, number | undefined> {
  let line = lineAt(whole, start);
  for (let at = start; ;) {
    const found = take(pair, whole, at);
    if (found === undefined) {
      yield { kind: 'problem', line: lineAt(whole, at), message: 'not a text, a colon, a text, and a comma or }' };
      return undefined;
    }
    const [all, before = ''] = found;
    yield rowOf(found, line + countBreaks(before));
    line += countBreaks(all);
    at += all.length;
    if (found[4] === '}') return at;
  }
}

const take = (expression: RegExp, whole: string, at: number): RegExpExecArray | undefined => {
  expression.lastIndex = at;
  return expression.exec(whole) ?? undefined;
};

const rowOf = (found: RegExpExecArray, line: number): Row => {
  try {
    return { kind: 'row', key: unquote(found[2] ?? ''), value: unquote(found[3] ?? ''), line };
  } catch {
    return { kind: 'problem', line, message: 'an escape that JSON does not know' };
  }
};

const unquote = (quoted: string): string => (quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1));

const countBreaks = (piece: string): number => {
  let count = 0;
  for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) count += 1;
  return count;
};

/** The line of the first thing after `at` that is not blank. Walks the whole file: for problems only. */
const lineAt = (whole: string, at: number): number =>
  1 + countBreaks(whole.slice(0, at)) + countBreaks(take(leading, whole, at)?.[0] ?? '');
