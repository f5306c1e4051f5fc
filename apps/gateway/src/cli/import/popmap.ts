import { parseHostPort } from '@postern/contract';
import { broken, type Entry, type FormatReader, type Line } from './entry.js';

/**
 * perdition's popmap: `key:host`, `key:host:port` and `key:user@host`, and the lines of its regex map, `expression: host`. `#` begins
 * a comment unless a backslash stands before it.
 */
export class PopmapReader implements FormatReader {
  read(lines: readonly Line[]): readonly Entry[] {
    return lines.flatMap(({ number, text, trouble }) => {
      if (trouble !== undefined) return [broken(number, trouble)];
      const said = withoutComment(text).trim();
      return said === '' ? [] : [entryOf(number, said)];
    });
  }

  end(): readonly Entry[] {
    return [];
  }
}

const withoutComment = (text: string): string => text.replace(/(^|[^\\])#.*$/, '$1');

const entryOf = (line: number, text: string): Entry => {
  const colon = text.indexOf(':');
  if (colon < 0) return broken(line, 'there is no colon');
  const key = keyOf(text.slice(0, colon).trim());
  if (key === undefined) return broken(line, 'its expression has no row in a table; the router `domain` takes expressions over domains');
  if (key === '' || /[\s#:]/.test(key)) return broken(line, 'there is no key of a table before the colon');
  const host = hostOf(text.slice(colon + 1).trim(), key);
  return typeof host === 'string' ? { kind: 'home', line, key, host } : broken(line, host.reason);
};

const expression = /[\^$()[\]*?|\\{}]/;
/** A dot that is not escaped is taken for a dot: hardly anybody escapes it. */
const escaped = String.raw`(?:[a-z0-9_.-]|\\[.@+-])+`;
const everybody = /^(?:\^?\.\*\$?|\^|\.|)$/;
const domain = new RegExp(String.raw`^(?:\^?\.[*+])?@(${escaped})\$$`, 'i');
const user = new RegExp(String.raw`^\^(${escaped}(?:@${escaped})?)\$$`, 'i');

/** The key of a table that matches what the key or expression does; undefined for an expression that needs more than one. */
const keyOf = (written: string): string | undefined => {
  if (!expression.test(written)) return written === '.' ? '*' : written.replace(/^@/, '');
  if (everybody.test(written)) return '*';
  const [, literal] = domain.exec(written) ?? user.exec(written) ?? [];
  return literal?.replaceAll('\\', '');
};

const hostOf = (value: string, key: string): string | { readonly reason: string } => {
  if (value === '') return { reason: 'there is no server behind the colon' };
  const at = value.lastIndexOf('@');
  if (at >= 0 && value.slice(0, at) !== key) return { reason: 'it logs in at the server under another name, which a table cannot say' };
  const host = value.slice(at + 1);
  if (/^[^:]+:[^\d:][^:]*$/.test(host)) return { reason: 'its port is a name; write the number' };
  if (host.includes('$') || parseHostPort(host) === undefined) return { reason: 'the server is no host or host:port' };
  return host;
};
