import { Buffer } from 'node:buffer';

const { imul } = Math;

/** 64 bits of a text, as two halves that JavaScript's 32-bit integer operations can work on. */
export interface KeyDigest {
  readonly high: number;
  readonly low: number;
}

/**
 * Digests the UTF-8 bytes of a text: the two multiplying lanes and the finish of bryc's cyrb53 (public domain), here over
 * bytes so that other languages can compute the same. Where mailboxes live hangs on these constants: they never change.
 */
export const digestOf = (text: string): KeyDigest => {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    one = imul(one ^ byte, 0x9e3779b1);
    two = imul(two ^ byte, 0x5f356495);
  }
  const low = imul(one ^ (one >>> 16), 0x85ebca6b) ^ imul(two ^ (two >>> 13), 0xc2b2ae35);
  const high = imul(two ^ (two >>> 16), 0x85ebca6b) ^ imul(one ^ (one >>> 13), 0xc2b2ae35);
  return { high, low };
};

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every input bit flips every output bit half of the time. */
const mix = (value: number): number => {
  let mixed = value;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
};

/** A number in (0, 1), both ends excluded, that is as good as random for each pair: 52 bits, so that the largest stays below 1. */
export const fractionOf = (key: KeyDigest, member: KeyDigest): number => {
  const first = mix(key.high ^ member.high);
  const second = mix(key.low ^ member.low ^ first);
  return ((second >>> 0) * 0x100000 + (first >>> 12) + 0.5) / 0x10000000000000;
};
