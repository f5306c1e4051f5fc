import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** `host`, `host:port`, `1.2.3.4:143`, `[::1]:143`, `::1`: host without brackets. Undefined for anything else. */
export const parseHostPort = (text: string): { readonly host: string; readonly port?: number } | undefined => {
  if (isIP(text) !== 0) return { host: text };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || !isHost(host, bracketed !== undefined)) return undefined;
  if (port === undefined) return { host };
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { host, port: number } : undefined;
};

const hostName =
  /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/;

/** A text of digits and dots that is no IPv4 address is a slip, not a name. */
const isHost = (host: string, bracketed: boolean): boolean =>
  bracketed ? isIP(host) === 6 : isIP(host) === 4 || (hostName.test(host) && !/^[\d.]+$/.test(host));

/** Whether a text is a host name or an IP literal (no brackets, no port). */
export const isHostText = (text: string): boolean => isIP(text) !== 0 || isHost(text, false);

export const hostPort = (): z.ZodType<{ readonly host: string; readonly port?: number }, string> =>
  z.string().transform((text, context) => {
    const parsed = parseHostPort(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'expected host, host:port or [IPv6]:port' });
    return z.NEVER;
  });

/** A set of networks, asked with canonical addresses. */
export class Networks {
  readonly #list = new BlockList();
  readonly #texts: readonly string[];

  /** `cidrs`: texts that passed `cidr()`. */
  constructor(cidrs: readonly string[]) {
    this.#texts = cidrs;
    for (const text of cidrs) {
      const [address = '', bits] = text.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      this.#list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    }
  }

  /** False for anything that is no IP literal, `unix:` included. IPv4-mapped IPv6 counts as IPv4. */
  includes(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  toJSON(): readonly string[] {
    return this.#texts;
  }
}

const isCidr = (text: string): boolean => {
  const [address = '', bits, rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest !== undefined || address.includes('%')) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
};

/** One network, `192.0.2.0/24` or `2001:db8::/32`; a bare address is that address alone. */
export const cidr = (): z.ZodType<string, string> => z.string().refine(isCidr, 'expected a network such as 192.0.2.0/24 or 2001:db8::/32');

/** One network or a list. */
export const networks = (): z.ZodType<Networks, string | string[]> =>
  z.union([cidr().transform((one) => [one]), z.array(cidr())]).transform((cidrs) => new Networks(cidrs));
