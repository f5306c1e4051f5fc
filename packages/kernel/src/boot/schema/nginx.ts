import { duration, networks, secret, type Secret } from '@postern/contract';
import { z } from 'zod';
import { domain } from './domain.js';

/** nginx waits 60 s by default (`auth_http_timeout`); an answer after that is none. */
const maxDeadlineMs = 59_000;

const keys = (): z.ZodType<readonly Secret[], z.input<ReturnType<typeof secret>> | z.input<ReturnType<typeof secret>>[]> =>
  z.union([secret().transform((one) => [one]), z.array(secret()).min(1)], {
    error: 'expected { env: NAME }, { file: PATH } or a text, or a list of these',
  });

const attempts = z
  .strictObject({
    cap: z.int().min(1).max(20).prefault(10).describe('From this many attempts on a connection a denial makes nginx close it.'),
    waits: z
      .array(z.int().min(1).max(30))
      .min(1)
      .max(20)
      .prefault([1, 2, 3])
      .describe('Seconds to wait after the first, second, … failure; the last one repeats.'),
  })
  .prefault({})
  .describe('How failures on one connection are slowed down.');

const none = z
  .strictObject({
    domains: z.array(domain()).prefault([]).describe('Recipient domains that mail is taken for without a login.'),
    knownRecipients: z.boolean().prefault(false).describe('Take mail only for recipients that a credential store knows.'),
  })
  .describe('SMTP without a login (smtp_auth none). Absent: always denied.');

export const nginxSchema = z
  .strictObject({
    key: keys().optional().describe('What nginx sends as X-Auth-Key; several while keys are changed.'),
    deadline: duration({ min: 10, max: maxDeadlineMs })
      .prefault('5s')
      .describe("Total time for an answer; below nginx's auth_http_timeout."),
    maxInFlight: z
      .int()
      .min(1)
      .max(1_000_000)
      .prefault(2048)
      .describe('Questions being answered at once, per process; those beyond are deferred unread.'),
    allow: networks().prefault(['127.0.0.0/8', '::1/128']).describe('Networks that may ask, for TCP doors.'),
    requireTls: z.boolean().prefault(false).describe('Refuse plain logins of clients without TLS.'),
    trustedProxies: networks().prefault([]).describe('Load balancers whose PROXY protocol address is believed.'),
    attempts,
    digestWait: z.boolean().prefault(false).describe('Send Auth-Wait after digest failures too; needs nginx 1.28.3, 1.29.7 or newer.'),
    none: none.optional(),
  })
  .prefault({})
  .describe('What nginx may ask and how it is answered.');
