/** Enough of BER (X.690) to play a directory: definite lengths, tags of one byte. */
export interface Node {
  readonly tag: number;
  readonly value: Buffer;
}

export const node = (tag: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const value = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length =
    value.length < 0x80
      ? Buffer.from([value.length])
      : Buffer.from([0x84, ...[24, 16, 8, 0].map((shift) => (value.length >>> shift) & 0xff)]);
  return Buffer.concat([Buffer.from([tag]), length, value]);
};

export const integer = (value: number, tag = 0x02): Buffer => {
  const bytes = [value & 0xff];
  for (let rest = value >> 8; rest > 0 || (bytes[0] ?? 0) > 0x7f; rest >>= 8) bytes.unshift(rest & 0xff);
  return node(tag, Buffer.from(bytes));
};

export const text = (value: string | Buffer): Buffer => node(0x04, value);

/** The first node, and how many bytes it takes; undefined while it is not complete. */
export const readNode = (bytes: Buffer): { readonly node: Node; readonly size: number } | undefined => {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(2, more);
  const size = 2 + more + length;
  return bytes.length < size ? undefined : { node: { tag, value: bytes.subarray(2 + more, size) }, size };
};

export const nodesIn = (bytes: Buffer): readonly Node[] => {
  const nodes: Node[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const read = readNode(rest);
    if (read === undefined) throw new Error('no BER');
    nodes.push(read.node);
    rest = rest.subarray(read.size);
  }
  return nodes;
};

export const numberIn = ({ value }: Node): number => value.readUIntBE(0, value.length);
