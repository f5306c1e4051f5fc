import ipaddr from 'ipaddr.js';

/** Prefix lengths. */
export interface Widths {
  readonly v4: number;
  readonly v6: number;
}

/** The network of a client in CIDR notation; IPv4-mapped IPv6 is IPv4. Undefined for a client without an address (`unix:`). */
export const networkOf = (ip: string, { v4, v6 }: Widths): string | undefined => {
  if (!ipaddr.isValid(ip)) return undefined;
  const address = ipaddr.process(ip);
  return address.kind() === 'ipv4'
    ? `${ipaddr.IPv4.networkAddressFromCIDR(`${address.toString()}/${v4}`).toString()}/${v4}`
    : `${ipaddr.IPv6.networkAddressFromCIDR(`${withoutZone(address.toString())}/${v6}`).toString()}/${v6}`;
};

const withoutZone = (text: string): string => text.split('%')[0] ?? text;
