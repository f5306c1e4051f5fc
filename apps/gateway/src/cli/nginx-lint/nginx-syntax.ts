/** Cannot be read as nginx would; `line` from 1. The message quotes no more than one character of the file. */
export class NginxSyntaxError extends Error {
  override readonly name = 'NginxSyntaxError';
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** What ends the words of a directive: `;`, `{`, or `}` alone. */
export interface Sentence {
  readonly words: readonly string[];
  readonly end: ';' | '{' | '}';
  /** Where its first word begins, from 1. */
  readonly line: number;
}

const spaces: ReadonlySet<string | undefined> = new Set([' ', '\t', '\r', '\n']);
const afterQuotes: ReadonlySet<string | undefined> = new Set([...spaces, ';', '{', ')', undefined]);
const escapes: ReadonlyMap<string | undefined, string> = new Map([
  ...['"', "'", '\\'].map((character) => [character, character] as const),
  ...([
    ['t', '\t'],
    ['r', '\r'],
    ['n', '\n'],
  ] as const),
]);

/** Cuts a config into directives by the rules of nginx's own `ngx_conf_read_token`. Throws a `NginxSyntaxError`. */
export function* sentences(text: string): Generator<Sentence> {
  const reader = new TokenReader(text);
  for (let next = reader.next(); next !== undefined; next = reader.next()) yield next;
}

class TokenReader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined at the end of the text. */
  next(): Sentence | undefined {
    const words: string[] = [];
    let line = 0;
    for (;;) {
      this.#skip();
      const character = this.#text[this.#at];
      if (character === undefined) {
        if (words.length === 0) return undefined;
        throw this.#wrong('the file ends within a directive: ";" or "}" is missing');
      }
      if (words.length === 0) line = this.#line;
      if (character !== ';' && character !== '{' && character !== '}') {
        words.push(character === '"' || character === "'" ? this.#quoted(character) : this.#bare());
        continue;
      }
      this.#at += 1;
      if ((words.length === 0) !== (character === '}')) throw this.#wrong(`there is an unexpected "${character}"`);
      return { words, end: character, line };
    }
  }

  /** White space and comments. */
  #skip(): void {
    for (let character = this.#text[this.#at]; spaces.has(character) || character === '#'; character = this.#text[this.#at]) {
      if (character === '#') this.#at = endOfLine(this.#text, this.#at);
      else this.#step();
    }
  }

  #step(): void {
    if (this.#text[this.#at] === '\n') this.#line += 1;
    this.#at += 1;
  }

  #quoted(quote: string): string {
    const begun = this.#line;
    const start = (this.#at += 1);
    while (this.#text[this.#at] !== quote) {
      if (this.#at >= this.#text.length) throw new NginxSyntaxError('a quotation mark that begins here is never closed', begun);
      if (this.#text[this.#at] === '\\') this.#step();
      this.#step();
    }
    const word = unescaped(this.#text.slice(start, this.#at));
    this.#at += 1;
    if (!afterQuotes.has(this.#text[this.#at])) throw this.#wrong('white space or ";" is missing behind a closing quotation mark');
    return word;
  }

  /** Quotation marks, `#` and `}` are nothing special within a word, nor is `{` behind `$`. */
  #bare(): string {
    const start = this.#at;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === ';' || spaces.has(character)) break;
      if (character === '{' && this.#text[this.#at - 1] !== '$') break;
      if (character === '\\') this.#step();
      this.#step();
    }
    return unescaped(this.#text.slice(start, this.#at));
  }

  #wrong(message: string): NginxSyntaxError {
    return new NginxSyntaxError(message, this.#line);
  }
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
};

/** Behind a backslash nginx knows quotation marks, the backslash, t, r and n; before anything else the backslash stays. */
const unescaped = (word: string): string =>
  word.includes('\\') ? word.replace(/\\(["'\\trn])/g, (whole, character: string) => escapes.get(character) ?? whole) : word;
