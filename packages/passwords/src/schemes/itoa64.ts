const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A number in crypt(3)'s letters, six bits each, the lowest first; at most 30 bits. */
export const numberOf = (letters: string): number =>
  Array.from(letters).reduce((value, letter, index) => value + alphabet.indexOf(letter) * 64 ** index, 0);

/** Bytes from crypt(3)'s letters as `$7$` and yescrypt write them: four letters for three bytes, the lowest bits first. */
export const fromItoa64 = (letters: string): Buffer => {
  const groups = letters.match(/.{1,4}/g) ?? [];
  return Buffer.concat(
    groups.map((group) => {
      const value = numberOf(group);
      return Buffer.from([value & 255, (value >> 8) & 255, (value >> 16) & 255]).subarray(0, group.length - 1);
    }),
  );
};
