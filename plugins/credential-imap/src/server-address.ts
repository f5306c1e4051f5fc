import { isHostText } from '@postern/contract';
import { z } from 'zod';

export interface ServerAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly tls: boolean;
}

const form = /^(imaps?):\/\/(?:\[([^\]]+)\]|([^:/?#@[\]]+))(?::(\d{1,5}))?\/?$/;

const parseServer = (text: string): ServerAddress | undefined => {
  const [, scheme, bracketed, plain, written] = form.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const tls = scheme === 'imaps';
  const port = written === undefined ? (tls ? 993 : 143) : Number(written);
  return scheme !== undefined && isHostText(host) && port >= 1 && port <= 65_535 ? { host, port, tls } : undefined;
};

/** A config field for an IMAP server: `imap://HOST:PORT` or `imaps://HOST:PORT`. */
export const serverAddress = (): z.ZodType<ServerAddress, string> =>
  z.string().transform((text, context) => {
    const address = parseServer(text);
    if (address !== undefined) return address;
    const message =
      text === 'route'
        ? 'asking the backend that the routers would choose is not built yet; name the server: imap://HOST or imaps://HOST'
        : 'expected imap://HOST, imaps://HOST, or either with :PORT';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
