const { imul } = Math;

/**
 * A map of texts to texts for millions of rows: all bytes in one buffer and a few numbers a row, where a `Map` of
 * strings takes some four times as much and gives the garbage collector a million objects to walk.
 */
export class PackedTable {
  /** Keys and values, one after the other. */
  #bytes = Buffer.allocUnsafeSlow(1 << 16);
  #used = 0;
  #size = 0;
  /** Of each row: where its key begins and its value begins, and the hash of its key. */
  #keys = new Uint32Array(1 << 10);
  #values = new Uint32Array(1 << 10);
  #hashes = new Uint32Array(1 << 10);
  /** Open addressing, at most half full; a row's number plus 1, or 0. */
  #slots = new Uint32Array(1 << 11);
  #longestKey = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): string | undefined {
    if (key.length > this.#longestKey) return undefined;
    const bytes = Buffer.from(key, 'utf8');
    const row = (this.#slots[this.#find(bytes, hashOf(bytes))] ?? 0) - 1;
    return row < 0 ? undefined : this.#bytes.toString('utf8', this.#values[row], this.#end(row));
  }

  /** Adds a row. Gives back the number (from 0) of the row that already has this key, and then adds nothing. */
  add(key: string, value: string): number | undefined {
    const bytes = Buffer.from(key, 'utf8');
    const hash = hashOf(bytes);
    const slot = this.#find(bytes, hash);
    const there = this.#slots[slot] ?? 0;
    if (there > 0) return there - 1;
    this.#append(bytes, value, hash);
    this.#slots[slot] = this.#size;
    if (this.#size * 2 > this.#slots.length) this.#spread(this.#slots.length * 2);
    return undefined;
  }

  #append(key: Buffer, value: string, hash: number): void {
    this.#reserve(key.length + value.length * 3);
    const row = this.#size;
    this.#keys[row] = this.#used;
    this.#used += key.copy(this.#bytes, this.#used);
    this.#values[row] = this.#used;
    this.#used += this.#bytes.write(value, this.#used, 'utf8');
    this.#hashes[row] = hash;
    this.#size += 1;
    this.#longestKey = Math.max(this.#longestKey, key.length);
  }

  #end(row: number): number {
    return row + 1 < this.#size ? (this.#keys[row + 1] ?? 0) : this.#used;
  }

  /** The slot that holds this key, or the free one where it belongs. */
  #find(key: Buffer, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row < 0 || (this.#hashes[row] === hash && this.#holds(row, key))) return slot;
    }
  }

  #holds(row: number, key: Buffer): boolean {
    return key.compare(this.#bytes, this.#keys[row], this.#values[row]) === 0;
  }

  #spread(slots: number): void {
    const spread = new Uint32Array(slots);
    const mask = slots - 1;
    for (let row = 0; row < this.#size; row += 1) {
      let slot = (this.#hashes[row] ?? 0) & mask;
      while (spread[slot] !== 0) slot = (slot + 1) & mask;
      spread[slot] = row + 1;
    }
    this.#slots = spread;
  }

  #reserve(bytes: number): void {
    if (this.#size === this.#keys.length) {
      this.#keys = doubled(this.#keys);
      this.#values = doubled(this.#values);
      this.#hashes = doubled(this.#hashes);
    }
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#used + bytes));
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}

const doubled = (numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
};

/** FNV-1a with MurmurHash3's finish; the rows are the operator's, nobody else chooses them. */
const hashOf = (bytes: Buffer): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += 1) hash = imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
};
