/** The word that was most likely meant; undefined when none is near. */
export const nearest = (typed: string, known: Iterable<string>): string | undefined => {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const word of known) {
    if (Math.abs(word.length - typed.length) >= bestDistance) continue;
    const distance = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (distance >= bestDistance) continue;
    best = word;
    bestDistance = distance;
  }
  return best;
};

/** ` Did you mean x?`, or nothing. */
export const didYouMean = (typed: string, known: Iterable<string>): string => {
  const word = nearest(typed, known);
  return word === undefined ? '' : `Did you mean ${word}?`;
};

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
const editDistance = (one: string, other: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const steps = [at(previous, column) + 1, at(current, column - 1) + 1, at(previous, column - 1) + (same ? 0 : 1)];
      if (swapped) steps.push(at(before, column - 2) + 1);
      current.push(Math.min(...steps));
    }
    before = previous;
    previous = current;
  }
  return at(previous, other.length);
};

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
