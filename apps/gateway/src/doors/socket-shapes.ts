import { Socket } from 'node:net';

/** The major version of the first V8 that needs no help: Node 22's. */
const mended = 12;

/** More kinds than V8 tells apart at one place in the code (four), some times over, since it takes no notes at first. */
const kinds = 8;
const times = 4;

/**
 * Makes every connection of this process a fifth cheaper on Node 20 (docs/performance.md). Does nothing on later ones.
 *
 * `net.Socket` copies its options with `{ ...options }` and adds more to the copy. Node 20's V8 gives each such copy a hidden class of its
 * own, so that V8 remembers no property of any of them: some 20 slow look-ups a connection, and classes that are garbage. Where many
 * kinds of objects have been copied at one place, it copies property by property, and all copies share one class. Hence a few sockets that
 * go nowhere, with options that nobody looks at.
 */
export const shareSocketShapes = (v8: string = process.versions.v8): void => {
  if (Number.parseInt(v8, 10) >= mended) return;
  for (let time = 0; time < times; time += 1) {
    for (let kind = 0; kind < kinds; kind += 1) new Socket(Object.fromEntries([[`kind${String(kind)}`, true]]));
  }
};
