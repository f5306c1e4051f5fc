import { isHostText } from '@postern/contract';
import { z } from 'zod';

/** Where passwords are tried, as the config says it. */
export type ServerAddress =
  | {
      readonly kind: 'fixed';
      /** Without brackets. */
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte. */
      readonly tls: boolean;
    }
  /** At the backend that the routers would choose. */
  | { readonly kind: 'route' };

const form = /^(imaps?):\/\/(?:\[([^\]]+)\]|([^:/?#@[\]]+))(?::(\d{1,5}))?\/?$/;

const parseServer = (text: string): ServerAddress | undefined => {
  if (text === 'route') return { kind: 'route' };
  const [, scheme, bracketed, plain, written] = form.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const tls = scheme === 'imaps';
  const port = written === undefined ? (tls ? 993 : 143) : Number(written);
  return scheme !== undefined && isHostText(host) && port >= 1 && port <= 65_535 ? { kind: 'fixed', host, port, tls } : undefined;
};

/** A config field for an IMAP server: `imap://HOST:PORT`, `imaps://HOST:PORT` or `route`. */
export const serverAddress = (): z.ZodType<ServerAddress, string> =>
  z.string().transform((text, context) => {
    const address = parseServer(text);
    if (address !== undefined) return address;
    context.addIssue({ code: 'custom', message: 'expected imap://HOST, imaps://HOST, either with :PORT, or route' });
    return z.NEVER;
  });
