import { canonicalIp } from './canonical-ip.js';

/** Addresses that are no mail server: any, broadcast, multicast (rule 46). */
const nowhere = /^(?:0\.0\.0\.0|255\.255\.255\.255|2(?:2[4-9]|3\d)\..*|::|ff[0-9a-f]{2}:.*|unix:)$/;

/**
 * A backend's address as nginx takes it: an IP literal without brackets, zone and port (rule 46). Undefined for anything else.
 * IPv4-mapped IPv6 comes out as IPv4.
 */
export const backendAddress = (text: unknown): string | undefined => {
  const address = typeof text === 'string' ? canonicalIp(text) : undefined;
  return address === undefined || nowhere.test(address) ? undefined : address;
};
