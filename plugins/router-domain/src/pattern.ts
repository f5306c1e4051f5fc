/** A rule's regular expression together with the backend's name that its captures fill in. */
export class Pattern {
  /** As the operator wrote it, slashes included. */
  readonly written: string;
  readonly #expression: RegExp;
  readonly #name: readonly (string | number)[];

  /** `expression` never has the flag `g`, whose memory would make one domain answer differently every second time. */
  constructor(written: string, expression: RegExp, backend: string) {
    this.written = written;
    this.#expression = expression;
    this.#name = nameParts(backend);
  }

  /** The backend's name for this domain; undefined when the expression does not match it. */
  nameFor(domain: string): string | undefined {
    const match = this.#expression.exec(domain);
    if (match === null) return undefined;
    return this.#name.map((part) => (typeof part === 'string' ? part : (match[part] ?? ''))).join('');
  }
}

/** `mail-$1` in pieces: texts, and numbers of captures. */
const nameParts = (backend: string): readonly (string | number)[] =>
  backend.split(/(\$[1-9])/).filter((part) => part !== '').map((part) => (/^\$[1-9]$/.test(part) ? Number(part.slice(1)) : part)); // prettier-ignore

/** The captures that a backend's name uses, by number. */
export const capturesOf = (backend: string): readonly number[] => nameParts(backend).filter((part) => typeof part === 'number');

/** How many captures an expression has. */
export const countCaptures = (expression: RegExp): number => (new RegExp(`${expression.source}|`).exec('')?.length ?? 1) - 1;
