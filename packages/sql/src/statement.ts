import { createHash } from 'node:crypto';
import type { Dialect } from './dialect.js';
import { piecesOf, type Piece } from './lexer.js';

/** A statement as the database gets it: placeholders stand where the template had variables. */
export interface Statement {
  readonly text: string;
  /** The variable behind each placeholder, in order; one that is used twice stands here twice. */
  readonly variables: readonly string[];
  /** Name for prepared statements; equal texts have equal names. */
  readonly name: string;
}

/** A template that cannot become a statement: one sentence each for what is wrong and what to do. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * Turns a template into a statement. `{variable}` becomes a bound parameter, so it may stand only where a value may: a
 * variable inside quotes or a comment is refused, since nothing would be put in there. `{{` and `}}` are braces. Throws a
 * `TemplateError`.
 */
export const statementFrom = (template: string, dialect: Dialect, variables: readonly string[]): Statement => {
  const writer = new StatementWriter(dialect, variables);
  for (const piece of piecesOf(template, dialect)) writer.take(piece);
  return writer.finish();
};

const mistake = (message: string, hint: string): never => {
  throw new TemplateError(message, hint);
};

/** What would be a parameter if it were written by hand; PostgreSQL's `?` and MySQL's `@name` are no parameters there. */
const handWritten: Readonly<Record<Dialect, RegExp>> = {
  postgres: /(?<![\w$])\$\d+/,
  mysql: /\?/,
  sqlite: /\?|(?<![\w$:@])[:@$]\w+/,
};

/** Doubled braces, variables, single braces, semicolons, and what stands between them. */
const partsOf = (text: string): readonly string[] => text.match(/\{\{|\}\}|\{[^{}]*\}|[{};]|[^{};]+/g) ?? [];

class StatementWriter {
  readonly #dialect: Dialect;
  readonly #known: readonly string[];
  readonly #used: string[] = [];
  #text = '';
  #ended = false;

  constructor(dialect: Dialect, known: readonly string[]) {
    this.#dialect = dialect;
    this.#known = known;
  }

  take(piece: Piece): void {
    if (!piece.closed) mistake(`the ${piece.kind} that begin with ${piece.text.slice(0, 12)} never end`, 'Close them.');
    if (piece.kind === 'code') this.#takeCode(piece.text);
    else this.#takeQuoted(piece);
  }

  finish(): Statement {
    const text = this.#text.trim();
    if (text === '') mistake('the statement is empty', 'Write one statement.');
    const digest = createHash('sha256').update(text).digest('hex');
    return { text, variables: this.#used, name: `postern_${digest.slice(0, 16)}` };
  }

  #takeQuoted({ kind, text }: Piece): void {
    const parts = partsOf(text);
    const name = this.#known.find((known) => parts.includes(`{${known}}`));
    if (name !== undefined) {
      const where = kind === 'quotes' ? 'inside quotes' : 'inside a comment';
      const hint = kind === 'quotes' ? 'Take the quotes away: a bound value needs none.' : 'Take the comment away.';
      mistake(`{${name}} stands ${where}, where nothing is put in`, hint);
    }
    if (kind === 'quotes' && this.#ended) this.#secondStatement();
    this.#text += text.replaceAll('{{', '{').replaceAll('}}', '}');
  }

  #takeCode(text: string): void {
    if (handWritten[this.#dialect].test(text)) {
      mistake('the statement has a placeholder of its own', 'Use {variables} only; the placeholders are made from them.');
    }
    for (const part of partsOf(text)) this.#takePart(part);
  }

  #takePart(part: string): void {
    if (part.trim() === '') this.#text += part;
    else if (part === ';') this.#ended = true;
    else if (this.#ended) this.#secondStatement();
    else if (part === '{{' || part === '}}') this.#text += part.charAt(0);
    else if (part === '{' || part === '}') mistake(`there is a stray ${part}`, `Write ${part}${part} for the character itself.`);
    else if (part.startsWith('{')) this.#bind(part.slice(1, -1));
    else this.#text += this.#apart(part);
  }

  #bind(name: string): void {
    if (!this.#known.includes(name)) {
      const known = this.#known.map((one) => `{${one}}`).join(', ');
      mistake(`there is no variable {${name}} here`, `There are ${known}.`);
    }
    this.#used.push(name);
    this.#text += this.#apart(this.#dialect === 'postgres' ? `$${this.#used.length}` : '?');
  }

  /** Keeps a placeholder from growing together with a name beside it. */
  #apart(next: string): string {
    return /[\w$?]$/.test(this.#text) && /^[\w$?]/.test(next) ? ` ${next}` : next;
  }

  #secondStatement(): never {
    return mistake('there is more than one statement', 'Write one statement; put the rest into a function of the database.');
  }
}
