import { isIP, type Socket } from 'node:net';

const asIpv6 = (address: string): string => (isIP(address) === 4 ? `::ffff:${address}` : address);

/**
 * The PROXY protocol's header, version 1, for a client of whom only the address is known: its port is ours. Clients without an
 * address are unknown.
 */
export const proxyHeader = (clientIp: string, { remoteAddress = '', remotePort = 0, localPort = 0 }: Partial<Socket>): string => {
  if (isIP(clientIp) === 0 || isIP(remoteAddress) === 0) return 'PROXY UNKNOWN\r\n';
  const ports = `${localPort} ${remotePort}\r\n`;
  if (isIP(clientIp) === 4 && isIP(remoteAddress) === 4) return `PROXY TCP4 ${clientIp} ${remoteAddress} ${ports}`;
  return `PROXY TCP6 ${asIpv6(clientIp)} ${asIpv6(remoteAddress)} ${ports}`;
};
