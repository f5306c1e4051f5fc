/** Gaps of Shell's sort (Ciura 2001). */
const gaps = [301, 132, 57, 23, 10, 4, 1];

/**
 * Indexes of the scores, highest first; equal ones by index. Shell's sort on plain numbers: a sort with a comparator
 * takes more than the whole budget of a lookup for a hundred backends.
 */
export const descending = (scores: Float64Array): Uint32Array => {
  const order = new Uint32Array(scores.length);
  for (let index = 0; index < order.length; index += 1) order[index] = index;
  for (const gap of gaps) {
    for (let at = gap; at < order.length; at += 1) sink(scores, order, at, gap);
  }
  return order;
};

/** Moves the index at `at` to its place among every `gap`-th one before it. */
const sink = (scores: Float64Array, order: Uint32Array, at: number, gap: number): void => {
  const index = order[at] ?? 0;
  const score = scores[index] ?? 0;
  let to = at;
  for (; to >= gap; to -= gap) {
    const other = order[to - gap] ?? 0;
    const behind = scores[other] ?? 0;
    if (behind > score || (behind === score && other < index)) break;
    order[to] = other;
  }
  order[to] = index;
};
