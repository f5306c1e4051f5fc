import type { Dialect } from './dialect.js';

/** A piece of a statement as the database reads it. */
export interface Piece {
  readonly kind: 'code' | 'quotes' | 'comment';
  readonly text: string;
  /** False for quotes and comments that never end. */
  readonly closed: boolean;
}

interface Rule {
  readonly kind: 'quotes' | 'comment';
  /** Sticky; how it begins. */
  readonly opens: RegExp;
  /** Sticky; all of it, where it is closed. */
  readonly whole: RegExp;
}

const rule = (kind: Rule['kind'], opens: string, whole: string): Rule => ({
  kind,
  opens: new RegExp(opens, 'uy'),
  whole: new RegExp(whole, 'uy'),
});

const standardText = rule('quotes', "'", "'(?:[^']|'')*'");
const backslashText = rule('quotes', "'", "'(?:[^'\\\\]|\\\\[\\s\\S]|'')*'");
const quotedName = rule('quotes', '"', '"(?:[^"]|"")*"');
const backticks = rule('quotes', '`', '`(?:[^`]|``)*`');
const lineComment = rule('comment', '--', '--[^\\n\\r]*');
const blockComment = rule('comment', '/\\*', '/\\*[\\s\\S]*?\\*/');

/**
 * PostgreSQL: manual, section 4.1 "Lexical Structure". MySQL: "Language Structure"; its `--` needs a space after it, and
 * without one we call it a comment all the same. SQLite: sqlite3GetToken in tokenize.c.
 */
const rules: Readonly<Record<Dialect, readonly Rule[]>> = {
  postgres: [
    rule('quotes', "(?<![\\w$])[eE]'", "[eE]'(?:[^'\\\\]|\\\\[\\s\\S]|'')*'"),
    standardText,
    quotedName,
    rule('quotes', '(?<![\\w$])\\$(?:[A-Za-z_]\\w*)?\\$', '(\\$(?:[A-Za-z_]\\w*)?\\$)[\\s\\S]*?\\1'),
    lineComment,
  ],
  mysql: [
    backslashText,
    rule('quotes', '"', '"(?:[^"\\\\]|\\\\[\\s\\S]|"")*"'),
    backticks,
    lineComment,
    rule('comment', '#', '#[^\\n\\r]*'),
    blockComment,
  ],
  sqlite: [standardText, quotedName, backticks, rule('quotes', '\\[', '\\[[^\\]]*\\]'), lineComment, blockComment],
};

/** Takes a statement apart into code, quotes and comments. The pieces' texts make up the whole. */
export const piecesOf = (text: string, dialect: Dialect): readonly Piece[] => {
  const pieces: Piece[] = [];
  let code = '';
  const push = (piece: Piece): void => {
    if (code !== '') pieces.push({ kind: 'code', text: code, closed: true });
    code = '';
    pieces.push(piece);
  };
  for (let at = 0; at < text.length;) {
    const piece = quotedAt(text, at, dialect);
    if (piece === undefined) code += text.charAt(at);
    else push(piece);
    at += piece?.text.length ?? 1;
  }
  if (code !== '') pieces.push({ kind: 'code', text: code, closed: true });
  return pieces;
};

const quotedAt = (text: string, at: number, dialect: Dialect): Piece | undefined => {
  if (dialect === 'postgres' && text.startsWith('/*', at)) return nestedComment(text, at);
  const found = rules[dialect].find(({ opens }) => matchAt(opens, text, at) !== undefined);
  if (found === undefined) return undefined;
  const whole = matchAt(found.whole, text, at);
  return { kind: found.kind, text: whole ?? text.slice(at), closed: whole !== undefined };
};

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** PostgreSQL's comments hold comments. */
const nestedComment = (text: string, from: number): Piece => {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const mark = text.slice(at, at + 2);
    if (mark === '/*') depth += 1;
    if (mark === '*/') depth -= 1;
    at += mark === '/*' || mark === '*/' ? 2 : 1;
    if (depth === 0) return { kind: 'comment', text: text.slice(from, at), closed: true };
  }
  return { kind: 'comment', text: text.slice(from), closed: false };
};
