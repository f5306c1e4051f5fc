import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

const unusableV4: ReadonlySet<string> = new Set(['unspecified', 'broadcast', 'multicast']);
const unusableV6: ReadonlySet<string> = new Set(['unspecified', 'multicast']);

/**
 * The canonical text of an address that nginx can be told (rule 46); undefined for everything else: names, brackets, ports, zones,
 * `0.0.0.0/8`, `::`, `255.255.255.255`, multicast. IPv4-mapped IPv6 comes out as IPv4.
 */
export const usableAddress = (text: string): string | undefined => {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return undefined;
  const address = ipaddr.process(text);
  const unusable = address.kind() === 'ipv4' ? unusableV4 : unusableV6;
  return unusable.has(address.range()) ? undefined : address.toString();
};
