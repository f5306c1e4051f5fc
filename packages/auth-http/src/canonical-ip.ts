import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * One text for one address, so that equal clients are counted as one: IPv6 as RFC 5952 writes it, IPv4-mapped IPv6 as IPv4,
 * and nginx's word `unix:` for a client on a unix socket. Undefined for anything else, zones included (rule 21).
 */
export const canonicalIp = (text: string): string | undefined => {
  if (text === 'unix:') return text;
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0 || text.includes('%')) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toString();
};
