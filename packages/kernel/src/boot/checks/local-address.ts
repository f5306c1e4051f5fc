import { BlockList, isIP } from 'node:net';
import type { ListenAddress } from '../schema/listen.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** A name other than localhost may resolve to anything, so it counts as open. */
export const isLoopback = (host: string): boolean => {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
};

/** Whether only this machine can connect. */
export const isLocal = (address: ListenAddress): boolean => address.kind === 'unix' || isLoopback(address.host);

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Whether two listeners cannot both be opened. Port 0 is any free port and never in the way. */
export const overlap = (one: ListenAddress, other: ListenAddress): boolean => {
  if (one.kind === 'unix' || other.kind === 'unix') return one.kind === 'unix' && other.kind === 'unix' && one.path === other.path;
  if (one.port !== other.port || one.port === 0) return false;
  return one.host === other.host || covers(one.host, other.host) || covers(other.host, one.host);
};

/** `::` takes IPv4 too, as Node opens it. */
const covers = (all: string, host: string): boolean => wildcards.has(all) && (all === '::' || isIP(host) !== 6);
