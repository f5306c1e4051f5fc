import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Prefix lengths. */
export interface Widths {
  readonly v4: number;
  readonly v6: number;
}

/** The network of a client in CIDR notation; IPv4-mapped IPv6 is IPv4. Undefined for a client without an address (`unix:`). */
export const networkOf = (ip: string, { v4, v6 }: Widths): string | undefined => {
  if (isIP(ip) === 0) return undefined;
  const bytes = ipaddr.process(ip).toByteArray();
  const bits = bytes.length === 4 ? v4 : v6;
  const kept = bytes.map((byte, index) => byte & maskOf(bits - index * 8));
  return `${ipaddr.fromByteArray(kept).toString()}/${bits}`;
};

/** The first `bits` of a byte; all for 8 and more, none for 0 and less. */
const maskOf = (bits: number): number => 0xff & (0xff << (8 - Math.max(0, Math.min(8, bits))));
