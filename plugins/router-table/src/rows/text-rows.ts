import { lineRows } from './lines.js';
import { nothing, type Row, type RowReader } from './row.js';

/**
 * Two columns, as in Postfix's lookup tables: a key, white space, a value. Lines that begin with `#` are comments. No
 * quotes. A line that begins with white space would continue the line before it in Postfix; here it is refused.
 */
export const textRows: RowReader = (content) => lineRows(content, readText);

const columns = /^([^\s#]\S*)[ \t]+([^\s#]\S*)[ \t]*(?:[ \t]#.*)?$/;

const readText = (text: string, line: number): Row => {
  const [, key, value] = columns.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return { kind: 'row', key, value, line };
  if (/^\s*(?:#|$)/.test(text)) return nothing;
  return { kind: 'problem', line, message: /^\s/.test(text) ? 'begins with white space' : 'not a key, white space and a value' };
};
