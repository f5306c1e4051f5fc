import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ListenAddress } from '@postern/kernel';

/** The address that a name has now, and whether it is one of this machine. */
export interface Spot {
  readonly address: string;
  readonly ours: boolean;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Rejects when the name has no address. Connect to the address found: asked again, the name may have another. */
export const spotOf = async (host: string): Promise<Spot> => {
  const { address } = await lookup(host, { order: 'ipv4first' });
  return { address, ours: isOurs(address) };
};

const isOurs = (address: string): boolean => {
  if (loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return true;
  return Object.values(networkInterfaces()).some((cards) => cards?.some((card) => card.address === address) === true);
};

/** Where to reach what listens there: an address for all interfaces is reached on loopback. */
export const reachable = (address: ListenAddress): ListenAddress => {
  if (address.kind === 'unix') return address;
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '::1' : address.host;
  return { ...address, host };
};
