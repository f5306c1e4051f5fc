import type { Clock, Protocol } from '@postern/contract';
import type { Connection, Connector } from './connector.js';

export type ProbeResult = { readonly kind: 'greeted' } | { readonly kind: 'failed'; readonly why: string };

export interface ProbeQuestion {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Milliseconds for connecting and the greeting together. */
  readonly timeout: number;
}

/** What nginx's mail proxy must read first (ngx_mail_proxy_*_handler); anything else, `* PREAUTH` included, fails the login. */
const greetings: Readonly<Record<Protocol, string>> = { imap: '* OK', pop3: '+OK', smtp: '220' };
const farewells: Readonly<Record<Protocol, string>> = { imap: 'bye LOGOUT\r\n', pop3: 'QUIT\r\n', smtp: 'QUIT\r\n' };

/** nginx reads a greeting into one page. */
const maxGreetingBytes = 4096;
/** Milliseconds that a server has to close the connection after the farewell. */
const partingTime = 1000;

/** Connects and reads the greeting, as nginx would. Never rejects; takes at most the timeout. */
export const probe = (question: ProbeQuestion, connector: Connector, clock: Clock): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const { address, port, protocol, timeout } = question;
    let stage = 'connecting';
    let heard = '';
    let connection: Connection | undefined;
    let settled = false;
    const settle = (result: ProbeResult): void => {
      if (settled) return;
      settled = true;
      callOff();
      resolve(result);
      if (result.kind === 'failed') connection?.destroy();
      else if (connection !== undefined) part(connection, protocol, clock);
    };
    const failed = (why: string): void => settle({ kind: 'failed', why });
    const callOff = clock.after(timeout, () => failed(`timed out while ${stage}`));
    const hear = (bytes: Uint8Array): void => {
      if (settled) return;
      heard += Buffer.from(bytes.subarray(0, maxGreetingBytes)).toString('latin1');
      const result = judge(heard, protocol);
      if (result !== undefined) settle(result);
    };
    try {
      connection = connector.open(address, port, {
        opened: () => (stage = 'waiting for the greeting'),
        data: hear,
        closed: (cause) => failed(cause === undefined ? `closed while ${stage}` : errorText(cause)),
      });
    } catch (error) {
      failed(error instanceof Error ? errorText(error) : 'no connection could be opened');
    }
  });

/** Undefined as long as more must be read. */
const judge = (heard: string, protocol: Protocol): ProbeResult | undefined => {
  const wanted = greetings[protocol];
  if (!heard.startsWith(wanted.slice(0, heard.length))) return { kind: 'failed', why: `the greeting does not begin with ${wanted}` };
  if (heard.includes('\n')) return heard.startsWith(wanted) ? { kind: 'greeted' } : { kind: 'failed', why: 'the greeting is too short' };
  return heard.length >= maxGreetingBytes ? { kind: 'failed', why: `no end of line in ${maxGreetingBytes} bytes` } : undefined;
};

/** Says goodbye, so that the server's log shows a session and not a dropped connection. */
const part = (connection: Connection, protocol: Protocol, clock: Clock): void => {
  connection.finish(farewells[protocol]);
  clock.after(partingTime, () => connection.destroy());
};

const errorText = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.message);
