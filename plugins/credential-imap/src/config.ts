import { duration, filePath, template } from '@postern/contract';
import { z } from 'zod';
import { serverAddress } from './server-address.js';

const tlsFields = z
  .strictObject({
    ca: filePath().optional().describe('PEM file with the authorities to trust, in place of those that Node.js brings.'),
    cert: filePath().optional().describe('PEM file with a certificate of ours, for servers that ask for one.'),
    key: filePath().optional().describe('PEM file with its key.'),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe('Name that the server’s certificate must bear. Absent: the host of `server`, or of the backend.'),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).prefault('TLSv1.2').describe('Older versions are not spoken.'),
  })
  .refine((tls) => (tls.cert === undefined) === (tls.key === undefined), 'expected `cert` and `key` together');

const login = template().refine(({ variables }) => variables.length > 0 && variables.every((name) => !name.startsWith('attributes.')), {
  error: 'expected a template with {user}, {local} or {domain}; attributes are not known yet',
});

/** The plugin's `with`. */
export const imapConfig = z
  .strictObject({
    server: serverAddress().describe(
      '`imap://HOST`, `imaps://HOST`, either with `:PORT`, or `route`: the IMAP port of the backend that the routers would choose. Every login is tried there.',
    ),
    startTls: z.boolean().prefault(false).describe('Encrypts the connection before anything is said of the user, or says nothing.'),
    tls: tlsFields.optional().describe('What the server’s certificate is held against. It is always verified.'),
    login: login.prefault('{user}').describe('What the server is told as the login, for example `{local}`.'),
    concurrency: z
      .int()
      .min(1)
      .max(1000)
      .prefault(10)
      .describe('Logins that are tried at once at one server; of one user there is never more than one.'),
    waiting: z
      .int()
      .min(0)
      .max(100_000)
      .prefault(1000)
      .describe('Logins that may wait for their turn at one server; more are deferred at once.'),
    timeout: duration({ min: 10, max: 60_000 }).prefault('4s').describe('How long one login may take, the wait for its turn included.'),
    proxyProtocol: z
      .boolean()
      .prefault(false)
      .describe('Begins each connection with a PROXY header (version 1) that tells the client’s address. The server must expect it.'),
  })
  .superRefine(({ server, startTls, tls }, context) => {
    const tlsAtOnce = server.kind === 'fixed' && server.tls;
    if (tlsAtOnce && startTls) context.addIssue({ code: 'custom', path: ['startTls'], message: '`imaps://` is encrypted from the start' });
    if (tls !== undefined && !tlsAtOnce && !startTls) {
      context.addIssue({ code: 'custom', path: ['tls'], message: '`tls` is for `imaps://` and `startTls: true`' });
    }
  });

export type ImapConfig = z.output<typeof imapConfig>;
