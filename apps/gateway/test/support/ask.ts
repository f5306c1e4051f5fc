import { connect } from 'node:net';
import { percentEscape } from '@postern/auth-http';

export interface Asking {
  readonly user?: string;
  readonly password?: string;
  readonly protocol?: string;
  readonly key?: string;
  readonly clientIp?: string;
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** A request as nginx sends it. */
export const questionBytes = ({
  user = 'anna@example.org',
  password = 'sesame',
  protocol = 'imap',
  key,
  clientIp = '192.0.2.7',
}: Asking = {}): Buffer =>
  Buffer.from(
    [
      'GET /auth HTTP/1.0',
      'Host: 127.0.0.1',
      'Auth-Method: plain',
      `Auth-User: ${percentEscape(latin1(user))}`,
      `Auth-Pass: ${percentEscape(latin1(password))}`,
      `Auth-Protocol: ${protocol}`,
      'Auth-Login-Attempt: 1',
      `Client-IP: ${clientIp}`,
      ...(key === undefined ? [] : [`X-Auth-Key: ${key}`]),
      '',
      '',
    ].join('\r\n'),
    'latin1',
  );

/** Asks a door (`127.0.0.1:9143` or `unix:/path`) on a connection of its own; gives the whole reply. */
export const ask = (door: string, asking: Asking = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = door.startsWith('unix:') ? connect(door.slice('unix:'.length)) : connect(Number(door.split(':').at(-1)), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(questionBytes(asking));
  });

/** One header of a reply. */
export const header = (reply: string, name: string): string | undefined => new RegExp(`^${name}: (.*)\r$`, 'm').exec(reply)?.[1];
