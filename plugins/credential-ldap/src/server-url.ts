import { isHostText } from '@postern/contract';
import { z } from 'zod';

/** `ldap://HOST[:PORT]` or `ldaps://HOST[:PORT]`. */
export class ServerUrl {
  readonly text: string;
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;

  private constructor(text: string, secure: boolean, host: string, port: number) {
    this.text = text;
    this.secure = secure;
    this.host = host;
    this.port = port;
  }

  /** Undefined for anything else; a URL's DN, attributes and filter have options of their own here. */
  static parse(text: string): ServerUrl | undefined {
    const [, scheme = '', bracketed, plain, port] =
      /^(ldaps?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([^/:?#@[\]\s]+))(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined || !isHostText(host)) return undefined;
    const secure = scheme.toLowerCase() === 'ldaps';
    const number = port === undefined ? (secure ? 636 : 389) : Number(port);
    return number >= 1 && number <= 65_535 ? new ServerUrl(text.replace(/\/$/, ''), secure, host, number) : undefined;
  }

  /** Whether what is sent there stays on this machine. */
  get local(): boolean {
    return this.host === 'localhost' || this.host === '::1' || this.host.startsWith('127.');
  }

  toJSON(): string {
    return this.text;
  }
}

export const serverUrl = (): z.ZodType<ServerUrl, string> =>
  z.string().transform((text, context) => {
    const url = ServerUrl.parse(text);
    if (url !== undefined) return url;
    context.addIssue({ code: 'custom', message: 'expected ldap://HOST, ldaps://HOST, each with :PORT if need be, and nothing after that' });
    return z.NEVER;
  });
