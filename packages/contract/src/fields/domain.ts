import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const domainName = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * A domain in the one form that is compared: lower case, A-labels (RFC 5891), no trailing dot, at most 253 characters.
 * Undefined for a text that is no domain name; an IP address is none.
 */
export const asciiDomain = (text: string): string | undefined => {
  if (text.length > 254) return undefined;
  const ascii = isAscii(text) ? text.toLowerCase() : aLabels(text);
  const domain = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  return domain.length <= 253 && domainName.test(domain) && isIP(domain) === 0 ? domain : undefined;
};

const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** `domainToASCII` reads `%41` and hexadecimal addresses as a browser does; so nothing but a host name's characters may reach it. */
const aLabels = (text: string): string => (/^[a-z0-9.\u0080-\uffff-]+$/i.test(text) ? domainToASCII(text) : '');
