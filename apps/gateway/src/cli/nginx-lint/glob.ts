/** What a place in a pattern takes: any number of characters, or one that passes the test. */
type Piece = 'any' | ((character: string) => boolean);

/**
 * A pattern of glob(3): `*`, `?` and `[…]` within one part of a path. Not a regular expression: those try every way to share a name out
 * among the stars, and a dozen stars take for ever.
 */
export class Glob {
  readonly #pieces: readonly Piece[];

  constructor(pattern: string) {
    this.#pieces = [...pattern.matchAll(/\[!?[^\]/]+\]|[\s\S]/g)].map(([part]) => pieceOf(part));
  }

  matches(name: string): boolean {
    let places = this.#passed(new Set([0]));
    for (let at = 0; at < name.length && places.size > 0; at += 1) places = this.#passed(this.#after(places, name.charAt(at)));
    return places.has(this.#pieces.length);
  }

  /** Where the pattern may stand once the character is taken. */
  #after(places: ReadonlySet<number>, character: string): Set<number> {
    const after = new Set<number>();
    for (const place of places) {
      const piece = this.#pieces[place];
      if (piece === 'any' && character !== '/') after.add(place);
      if (typeof piece === 'function' && piece(character)) after.add(place + 1);
    }
    return after;
  }

  /** A star takes nothing, too. What is added to a set while it is walked through is walked to. */
  #passed(places: Set<number>): Set<number> {
    for (const place of places) if (this.#pieces[place] === 'any') places.add(place + 1);
    return places;
  }
}

const pieceOf = (part: string): Piece => {
  if (part === '*') return 'any';
  if (part === '?') return (character) => character !== '/';
  if (part.length === 1) return (character) => character === part;
  const set = setOf(part.slice(1, -1));
  return (character) => character !== '/' && set?.test(character) === true;
};

/** Undefined for a range that ends before it begins: it matches nothing. */
const setOf = (inner: string): RegExp | undefined => {
  try {
    return new RegExp(`^[${inner.replace(/^!/, '^').replace(/[\\[\]]/g, '\\$&')}]$`);
  } catch {
    return undefined;
  }
};
