import { duration, filePath, hostPort, secret, secretUrl } from '@postern/contract';
import { z } from 'zod';
import { RedisUrl } from './redis-url.js';

const tls = z.strictObject({
  ca: filePath().optional().describe('PEM file of the authorities that are trusted. Absent: those that Node.js brings.'),
  cert: filePath().optional().describe('PEM file of a client certificate.'),
  key: filePath().optional().describe('PEM file of its key.'),
  serverName: z.string().min(1).optional().describe("Name that the server's certificate must be for. Absent: the host."),
});

const ways = ['url', 'sentinels', 'cluster'] as const;

export const redisSchema = z
  .strictObject({
    url: secretUrl((source) => new RedisUrl(source))
      .optional()
      .describe('One server: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss://… for TLS, or unix:/PATH.'),
    sentinels: z.array(hostPort()).min(1).optional().describe('Sentinels that know the master: host or host:port (26379).'),
    name: z.string().min(1).optional().describe("With sentinels: the master's name."),
    sentinelPassword: secret().optional().describe('With sentinels: what they themselves want to hear.'),
    cluster: z.array(hostPort()).min(1).optional().describe('Some servers of a cluster: host or host:port (6379).'),
    username: secret().optional().describe('User; absent: the default user.'),
    password: secret().optional().describe('Password.'),
    tls: z
      .union([z.boolean(), tls], { error: 'expected true, false or { ca, cert, key, serverName }' })
      .optional()
      .describe("Demand TLS; the server's certificate is always verified."),
    prefix: z
      .string()
      .max(100)
      .prefault('postern:')
      .describe('In front of every key and channel. Gateways with the same prefix share their state.'),
    timeout: duration({ min: 10, max: 5000 })
      .prefault('200ms')
      .describe("Time for one answer. After that this process's own memory answers, until Redis does again."),
  })
  .superRefine((config, context) => {
    const given = ways.filter((way) => config[way] !== undefined);
    const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (given.length === 0) complain([], 'give one of url, sentinels or cluster');
    if (given.length > 1) complain(given.slice(1, 2), `give only one of ${given.join(' and ')}`);
    if (config.sentinels !== undefined && config.name === undefined) complain(['name'], "sentinels need the master's name");
    if (config.sentinels === undefined && config.name !== undefined) complain(['name'], 'goes with sentinels only');
    if (config.sentinels === undefined && config.sentinelPassword !== undefined) complain(['sentinelPassword'], 'goes with sentinels only');
  })
  .optional()
  .describe('State shared by workers and hosts.');

export type RedisConfig = NonNullable<z.output<typeof redisSchema>>;
