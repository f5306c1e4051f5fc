import { hash, verify } from '@node-rs/argon2';
import { unusable } from '../check.js';
import type { Scheme } from '../scheme.js';

/** The library takes whatever cost stands in the hash, so a hostile row could ask for all memory: these are the most we lend it. */
const most = { memoryKiB: 262_144, passes: 32, lanes: 16, product: 2_097_152 } as const;

/**
 * The PHC string: numbers without leading zeros, salt of 8 to 64 bytes, output of 16 to 64 bytes, base64 without
 * padding. Django writes `argon2` before it.
 */
const shape =
  /^(?:argon2)?\$argon2(id?)\$v=(?:16|19)\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,9})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;

const open = (name: string, variant: 'i' | 'id'): Scheme['open'] => {
  return (data) => {
    const text = data.toString('latin1');
    const [, written, ...numbers] = shape.exec(text) ?? [];
    if (written === undefined) return unusable(`the ${name} hash cannot be read`);
    if (written !== variant) return unusable(`a hash of argon2${written} stands under ${name}`);
    const [memory = 0, passes = 0, lanes = 0] = numbers.map(Number);
    if (memory < 8 * lanes) return unusable(`the ${name} hash has too little memory for its lanes`);
    if (memory > most.memoryKiB || passes > most.passes || lanes > most.lanes || memory * passes > most.product)
      return unusable(`the ${name} hash asks for more than is allowed (m=${memory}, t=${passes}, p=${lanes})`);
    return { kind: 'heavy', holds: (password) => verify(phcString(data), password) };
  };
};

const phcString = (data: Buffer): string => data.toString('latin1').replace(/^argon2/, '');

const costOf = (data: Buffer): string => phcString(data).split('$', 4)[3] ?? '';

/** Memory times passes; the first version of argon2 counts for nothing. */
const strengthOf = (data: Buffer): number => {
  const [, written, ...numbers] = shape.exec(data.toString('latin1')) ?? [];
  const [memory = 0, passes = 0] = numbers.map(Number);
  return written === undefined || phcString(data).includes('$v=16$') ? 0 : memory * passes;
};

const argon2 = (name: string, variant: 'i' | 'id'): Scheme => ({
  names: [name],
  weak: false,
  encoding: 'text',
  costOf,
  strengthOf,
  open: open(name, variant),
});

export const argon2id = argon2('ARGON2ID', 'id');
export const argon2i = argon2('ARGON2I', 'i');

const usual = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Of new hashes, as `strengthOf` counts. */
export const newStrength = usual.memoryCost * usual.timeCost;

/** Argon2id (the library's default) at OWASP's first choice: 19 MiB, two passes, one lane. Mail programs log in all day, so a check must stay affordable. */
export const hashArgon2id = (password: Uint8Array): Promise<string> => hash(password, usual);
