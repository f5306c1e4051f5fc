import { isIP } from 'node:net';
import { backendAddress } from '@postern/auth-http';
import { isHostText, secret, template } from '@postern/contract';
import { z } from 'zod';

const port = (): z.ZodInt => z.int().min(1).max(65_535);

/** nginx takes no zone, and no address that is every host, none or many. A name shows what it is when it is resolved. */
const canBeTold = (host: string): boolean => isIP(host) === 0 || backendAddress(host) !== undefined;

/** Letters, digits, dots, hyphens and underscores: a name must never look like `host:port`. */
const backendName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/, 'expected a name of letters, digits, dots, hyphens and underscores, at most 63 long');

const login = z
  .strictObject({
    user: template().optional().describe('User name to send to this server, for example "{user}*proxy".'),
    password: secret().optional().describe('Password to send to this server in place of what was typed.'),
  })
  .describe('Rewrites the login for this server (master users).');

const backendSchema = z
  .strictObject({
    host: z
      .string()
      .refine(isHostText, 'expected a host name or an IP address, without a port')
      .refine(canBeTold, 'nginx could not connect to this address: one host is meant, without a zone (%…)')
      .describe('Host name or IP address; the gateway resolves it.'),
    imap: port().prefault(143).describe('Port for IMAP.'),
    pop3: port().prefault(110).describe('Port for POP3.'),
    smtp: port().prefault(25).describe('Port for SMTP.'),
    weight: z.number().gt(0).max(1_000_000).prefault(1).describe('Relative share, above 0.'),
    state: z.enum(['up', 'drain', 'down']).prefault('up').describe('drain: nobody who can be placed elsewhere; down: nobody.'),
    login: login.optional(),
  })
  .describe('A mail server.');

export const backendsSchema = z.record(backendName, backendSchema).prefault({}).describe('Mail servers by name.');
