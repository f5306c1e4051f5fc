import { parseHostPort } from '@postern/contract';
import { isIPv6 } from 'node:net';
import { z } from 'zod';

/** Where a door listens. */
export type ListenAddress =
  /** Port 0: any free port. */
  { readonly kind: 'tcp'; readonly host: string; readonly port: number } | { readonly kind: 'unix'; readonly path: string };

/** sun_path of Linux holds 108 bytes, the NUL at its end included. */
const maxUnixPath = 107;

/** `127.0.0.1:9143`, `[::1]:9143`, `localhost:9143`, `unix:/run/postern/auth.sock`; undefined for anything else. */
const parseListen = (text: string): ListenAddress | undefined => {
  if (text.startsWith('unix:')) return parseUnix(text.slice('unix:'.length));
  const [, beforePort] = /^(.+):0$/.exec(text) ?? [];
  const parsed = parseHostPort(beforePort === undefined ? text : `${beforePort}:1`);
  if (parsed?.port === undefined) return undefined;
  return { kind: 'tcp', host: parsed.host, port: beforePort === undefined ? parsed.port : 0 };
};

const parseUnix = (path: string): ListenAddress | undefined =>
  path.startsWith('/') && !path.includes('\0') && Buffer.byteLength(path) <= maxUnixPath ? { kind: 'unix', path } : undefined;

export const listenText = (address: ListenAddress): string => {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return isIPv6(address.host) ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
};

const listenAddress = (): z.ZodType<ListenAddress, string> =>
  z.string().transform((text, context) => {
    const address = parseListen(text);
    if (address !== undefined) return address;
    context.addIssue({
      code: 'custom',
      message: 'expected HOST:PORT, [IPv6]:PORT or unix:/ABSOLUTE/PATH (at most 107 bytes)',
    });
    return z.NEVER;
  });

/** One address or a list. */
export const listen = (): z.ZodType<readonly ListenAddress[], string | string[]> =>
  z.union([listenAddress().transform((one) => [one]), z.array(listenAddress())]);
