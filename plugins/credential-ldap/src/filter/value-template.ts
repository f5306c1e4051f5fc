import { isUtf8 } from 'node:buffer';
import { Template, type TemplateVariable } from '@postern/contract';
import type { Names } from '../names.js';

type Part = { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'variable'; readonly name: TemplateVariable };

/** A value that a template needs is not there: the login has no domain, or nobody knows the client. */
export class MissingName extends Error {
  override readonly name = 'MissingName';

  /** True when another login could have it and this one cannot: nobody is called so. False when nobody asked a client. */
  readonly ofUser: boolean;

  constructor(variable: TemplateVariable) {
    super(`there is no {${variable}} to look for`);
    this.ofUser = variable !== 'protocol' && variable !== 'clientIp';
  }
}

/** An assertion value with `{variables}`. What stands around them is read once, RFC 4515 escapes included. */
export class ValueTemplate {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Throws an `Error` that says what is wrong. */
  static parse(text: string): ValueTemplate {
    return new ValueTemplate(
      Template.parse(text).parts.map((part) => (part.kind === 'variable' ? part : { kind: 'bytes', bytes: unescaped(part.text) })),
    );
  }

  get variables(): readonly TemplateVariable[] {
    return this.#parts.flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
  }

  /** Whether its fixed parts are text: order, substrings and likeness are of texts, and other bytes a slip in the config. */
  get isText(): boolean {
    return this.#parts.every((part) => part.kind === 'variable' || isUtf8(part.bytes));
  }

  /** Throws a `MissingName`; an empty name is missing too, since `(mail={local}*)` would then mean everybody. */
  render(names: Names): Buffer {
    return Buffer.concat(this.#parts.map((part) => (part.kind === 'bytes' ? part.bytes : Buffer.from(nameIn(names, part.name), 'utf8'))));
  }
}

const nameIn = (names: Names, variable: TemplateVariable): string => {
  const name = names[variable];
  if (name === undefined || name === '') throw new MissingName(variable);
  return name;
};

/** RFC 4515 section 3: a backslash and two hexadecimal digits are a byte; `( ) * \` and NUL stand for themselves in no other way. */
const unescaped = (text: string): Buffer => {
  const pieces = text.match(/\\[0-9A-Fa-f]{2}|[^\\()*\0]+|[\s\S]/g) ?? [];
  return Buffer.concat(
    pieces.map((piece) => {
      if (/^\\../.test(piece)) return Buffer.from(piece.slice(1), 'hex');
      if (/^[\\()*\0]$/.test(piece))
        throw new Error(`a stray ${JSON.stringify(piece)}; write \\5c, \\28, \\29, \\2a or \\00 for the character itself`);
      return Buffer.from(piece, 'utf8');
    }),
  );
};
