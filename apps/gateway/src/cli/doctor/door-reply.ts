import { backendAddress, denialKinds, speak, type DenialKind, type HeaderField } from '@postern/auth-http';
import type { Protocol } from '@postern/contract';

/** What came of a question at a door. */
export type DoorReply =
  | { readonly kind: 'placed'; readonly server: string; readonly port: number; readonly user?: string }
  | { readonly kind: 'denied'; readonly denial: DenialKind; readonly words: string }
  /** An answer that nginx would not understand, or that no Postern of this version gives. `said` is as it came. */
  | { readonly kind: 'odd'; readonly why: string; readonly said?: string }
  /** There was none. */
  | { readonly kind: 'silent'; readonly why: string };

/** nginx reads an answer into a buffer of this size (`ngx_mail_auth_http_module`). */
const maxHeadBytes = 1024;

/** Reads an answer as strictly as nginx must be able to rely on. `head`: latin1, with the empty line at its end. */
export const readReply = (head: string, protocol: Protocol): DoorReply => {
  const end = head.indexOf('\r\n\r\n');
  if (!/^HTTP\/1\.[01] \d{3}/.test(head)) return { kind: 'odd', why: 'the answer is no HTTP', ...quotable(head) };
  if (end < 0) return { kind: 'odd', why: 'the answer breaks off within its head' };
  const bytes = end + 4;
  if (bytes > maxHeadBytes) return { kind: 'odd', why: `the answer's head has ${bytes} bytes, and nginx reads ${maxHeadBytes}` };
  const fields = head
    .slice(0, end)
    .split('\r\n')
    .slice(1)
    .map((line): HeaderField => {
      const colon = line.indexOf(': ');
      return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
    });
  return replyOf(fields, protocol);
};

/** The same for headers that were read already. */
export const replyOf = (fields: readonly HeaderField[], protocol: Protocol): DoorReply => {
  const values = (name: string): readonly string[] => fields.flatMap(([each, value]) => (each.toLowerCase() === name ? [value] : []));
  const [status, ...more] = values('auth-status');
  if (status === undefined) return { kind: 'odd', why: 'the answer has no Auth-Status' };
  if (more.length > 0) return { kind: 'odd', why: 'the answer has more than one Auth-Status' };
  return status === 'OK' ? placedBy(values) : deniedBy(status, values, protocol);
};

const placedBy = (values: (name: string) => readonly string[]): DoorReply => {
  const [server = ''] = values('auth-server');
  const [port = ''] = values('auth-port');
  if (backendAddress(server) === undefined)
    return { kind: 'odd', why: 'the answer is OK without an IP address in Auth-Server', said: server };
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535)
    return { kind: 'odd', why: 'the answer is OK without a port in Auth-Port', said: port };
  const [user] = values('auth-user');
  return { kind: 'placed', server, port: Number(port), ...(user === undefined ? {} : { user }) };
};

const deniedBy = (status: string, values: (name: string) => readonly string[], protocol: Protocol): DoorReply => {
  const revealed = ['auth-server', 'auth-port', 'auth-user', 'auth-pass'].find((name) => values(name).length > 0);
  if (revealed !== undefined) return { kind: 'odd', why: `the answer denies and has ${revealed} all the same` };
  const [code] = values('auth-error-code');
  const denial = denialKinds.find((kind) => {
    const spoken = speak(kind, protocol, false);
    return spoken.status === status && spoken.code === code;
  });
  if (denial === undefined) return { kind: 'odd', why: 'the answer is in words that this version does not have', said: status };
  return { kind: 'denied', denial, words: code === undefined ? status : `${code} ${status}` };
};

const quotable = (said: string): { readonly said?: string } => (said === '' ? {} : { said: said.slice(0, 200) });
