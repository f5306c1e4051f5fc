import { isIP } from 'node:net';
import type { Mechanism, Protocol } from '@postern/contract';

/** What nginx makes of the bytes of an answer. */
export type Understood =
  | { readonly kind: 'success'; readonly server: string; readonly port: number; readonly user?: string; readonly password?: string }
  | { readonly kind: 'failure'; readonly clientReads: string; readonly waitSeconds: number; readonly errorSasl?: string }
  | { readonly kind: 'ask-again'; readonly waitSeconds: number }
  | { readonly kind: 'internal-error'; readonly why: string };

const bufferBytes = 1_024;

const internalError = (why: string): Understood => ({ kind: 'internal-error', why });

/**
 * A model of `ngx_mail_auth_http_process_headers`, checked against captured conversations. It takes the head as
 * nginx does, not as HTTP says: the status is not read, one illegal name spoils everything, a missing `Auth-Status` is a success.
 */
export const nginxReads = (bytes: Buffer, protocol: Protocol, mechanism: Mechanism = 'plain'): Understood => {
  const text = bytes.toString('latin1', 0, bufferBytes);
  const fields = readFields(text);
  if (typeof fields === 'string') return internalError(fields);
  const failure = fields.get('auth-status')?.find((status) => status !== 'OK' && status !== 'WAIT');
  const waitSeconds = Number(fields.get('auth-wait')?.findLast((wait) => /^\d+$/.test(wait)) ?? 0);
  const last = (name: string): string | undefined => fields.get(name)?.at(-1);
  if (failure !== undefined && !(protocol === 'smtp' && failure === '')) {
    const errorSasl = last('auth-error-sasl');
    const clientReads = errorLine(protocol, failure, last('auth-error-code'));
    return { kind: 'failure', clientReads, waitSeconds, ...(errorSasl === undefined ? {} : { errorSasl }) };
  }
  if (fields.get('auth-status')?.includes('WAIT') === true) return { kind: 'ask-again', waitSeconds };
  return readPlace(last, protocol, mechanism);
};

const readFields = (text: string): Map<string, string[]> | string => {
  const fields = new Map<string, string[]>();
  let at = text.startsWith('HTTP/') ? text.indexOf('\n') + 1 : 0;
  if (text.startsWith('HTTP/') && at === 0) return 'no end of the status line';
  for (;;) {
    const newline = text.indexOf('\n', at);
    if (newline === -1) return 'no end of the head within the buffer';
    const line = text.slice(at, newline).replace(/\r$/, '');
    at = newline + 1;
    if (line === '') return fields;
    const [whole, name = '', value = ''] = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:: *([^\r]*?) *)?$/.exec(line) ?? [];
    if (whole === undefined) return 'an invalid header';
    fields.set(name.toLowerCase(), [...(fields.get(name.toLowerCase()) ?? []), value]);
  }
};

const errorLine = (protocol: Protocol, text: string, code: string | undefined): string => {
  switch (protocol) {
    case 'imap':
      return `NO ${text}`;
    case 'pop3':
      return `-ERR ${text}`;
    case 'smtp':
      return `${code === undefined || code === '' ? '535 5.7.0' : code} ${text}`;
  }
};

const readPlace = (last: (name: string) => string | undefined, protocol: Protocol, mechanism: Mechanism): Understood => {
  const server = last('auth-server') ?? '';
  const port = last('auth-port') ?? '';
  const user = last('auth-user');
  const password = last('auth-pass');
  const bringsPassword = mechanism === 'plain' || mechanism === 'xoauth2' || mechanism === 'oauthbearer';
  if (server === '' || port === '') return internalError('no server or port');
  if (password === undefined && !bringsPassword && protocol !== 'smtp') return internalError('no password');
  if (isIP(server) === 0 || server.includes('%')) return internalError('no address');
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return internalError('no port');
  return {
    kind: 'success',
    server,
    port: Number(port),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
};
