/** Tags of RFC 4511 appendix B that both requests use. */
export const [sequence, integerTag, octets, booleanTag, enumerated] = [0x30, 0x02, 0x04, 0x01, 0x0a] as const;

/** Contents with their tag and their length before them (BER, X.690 section 8.1), the length in its shortest form. */
export const node = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  let length = 0;
  for (const part of parts) length += part.length;
  const more = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 4;
  const bytes = Buffer.allocUnsafe(2 + more + length);
  bytes[0] = tag;
  bytes[1] = more === 0 ? length : 0x80 | more;
  if (more > 0) bytes.writeUIntBE(length, 2, more);
  let at = 2 + more;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

export const text = (value: string, tag: number = octets): Buffer => node(tag, Buffer.from(value, 'utf8'));

/** `value`: from 0 to 2 147 483 647. */
export const integer = (value: number, tag: number = integerTag): Buffer => {
  if (value < 0x80) return node(tag, Buffer.of(value));
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = 0;
  bytes.writeUInt32BE(value, 1);
  // The first bit is the sign's.
  let from = 0;
  while (bytes[from] === 0 && (bytes[from + 1] ?? 0) < 0x80) from += 1;
  return node(tag, bytes.subarray(from));
};

export const yes = (tag: number = booleanTag): Buffer => node(tag, Buffer.of(0xff));
export const no = (): Buffer => node(booleanTag, Buffer.of(0));
