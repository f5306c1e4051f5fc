/** Random numbers that are the same in each run: mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `below` - 1. */
  roll(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }
}

type Mutation = (bytes: Buffer, dice: Dice) => Buffer;

const awkward = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ':',
  ' ',
  '\t',
  '\x7f',
  '\xff',
  '%',
  '%zz',
  'HTTP/1.0',
  'Auth-User: x\r\n',
  'Auth-Status: OK\r\n',
];

const splice = (bytes: Buffer, at: number, removed: number, inserted: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);

const mutations: readonly Mutation[] = [
  (bytes) => bytes,
  (bytes, dice) => {
    const flipped = Buffer.from(bytes);
    const at = dice.roll(bytes.length);
    flipped[at] = bytes[at]! ^ (1 << dice.roll(8));
    return flipped;
  },
  (bytes, dice) => splice(bytes, dice.roll(bytes.length), 0, Buffer.from(dice.pick(awkward), 'latin1')),
  (bytes, dice) => splice(bytes, dice.roll(bytes.length), 1 + dice.roll(20), Buffer.alloc(0)),
  (bytes, dice) => bytes.subarray(0, dice.roll(bytes.length)),
  (bytes, dice) => splice(bytes, dice.roll(bytes.length), 0, Buffer.alloc(1 + dice.roll(3000), dice.roll(256))),
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\r'), 'latin1'),
  (bytes, dice) => {
    const lines = bytes.toString('latin1').split('\r\n');
    lines.splice(1 + dice.roll(lines.length - 2), 0, dice.pick(lines));
    return Buffer.from(lines.join('\r\n'), 'latin1');
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, dice) => Buffer.from(Array.from({ length: 1 + dice.roll(600) }, () => dice.roll(256))),
  (bytes, dice) => splice(bytes, dice.roll(bytes.length), 0, Buffer.alloc(140_000, 'a')),
];

/** One or two things go wrong with a request. */
export const mutate = (bytes: Buffer, dice: Dice): Buffer => {
  const once = dice.pick(mutations)(bytes, dice);
  return dice.roll(3) === 0 && once.length > 0 ? dice.pick(mutations)(once, dice) : once;
};

/** The same bytes in up to `pieces` pieces. */
export const cut = (bytes: Buffer, pieces: number, dice: Dice): Buffer[] => {
  const edges = Array.from({ length: pieces - 1 }, () => dice.roll(bytes.length + 1)).sort((one, other) => one - other);
  return [0, ...edges].map((edge, index) => bytes.subarray(edge, edges[index] ?? bytes.length)).filter((piece) => piece.length > 0);
};
