import type { LoginAttempt, Networks } from '@postern/contract';
import { canonicalIp } from './canonical-ip.js';
import type { ProtocolFields } from './protocol-fields.js';
import { detached } from './text.js';
import { malformed, type Trouble } from './trouble.js';

type Client = LoginAttempt['client'];

const hostName = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\.?$/;

/**
 * Where the client really is: `Client-IP`, or the address a balancer reported, but only when the balancer is trusted (rule 22).
 * Anybody may put a PROXY header in front of what they send.
 */
export const readClient = (fields: ProtocolFields, trustedProxies: Networks): Client | Trouble => {
  const direct = canonicalIp(fields.get('Client-IP') ?? '');
  if (direct === undefined) return malformed('Client-IP is missing or no address');
  const reported = fields.get('Proxy-Protocol-Addr');
  const ip = reported !== undefined && trustedProxies.includes(direct) ? canonicalIp(reported) : direct;
  if (ip === undefined) return malformed('Proxy-Protocol-Addr of a trusted proxy is no address');
  const host = readHost(fields.get('Client-Host'));
  return host === undefined ? { ip: detached(ip) } : { ip: detached(ip), host };
};

/** `[UNAVAILABLE]`, `[TEMPUNAVAIL]` and what no host is called are "unknown", never a name (rule 23). */
const readHost = (text: string | undefined): string | undefined =>
  text !== undefined && hostName.test(text) ? detached(text.toLowerCase()) : undefined;
