/** The share of a full room that is made free at once. */
const share = 128;

/**
 * Takes the keys that have been there for longest out of a map, many at once: each walk to the first of them passes the gaps that all
 * those before left. An iterator kept for that would keep every table that the map outgrows.
 *
 * `max`: how many the room holds. At least one key goes.
 */
export const dropOldest = <K>(map: ReadonlyMap<K, unknown>, max: number, drop: (key: K) => void): void => {
  let left = Math.max(1, Math.floor(max / share));
  for (const key of map.keys()) {
    drop(key);
    left -= 1;
    if (left === 0) return;
  }
};
