import { z } from 'zod';

/** What goes in and out of the operator's API. The OpenAPI document is made from these, so it cannot say anything else. */

const user = z.string().min(1).max(512);

export const flushRequest = z
  .union(
    [
      z.strictObject({ user: user.describe('A login, as people type it.') }),
      z.strictObject({ domain: z.string().min(1).max(253).describe('Everybody of a domain.') }),
      z.strictObject({ all: z.literal(true).describe('Everybody.') }),
    ],
    { error: 'expected { "user": LOGIN }, { "domain": DOMAIN } or { "all": true }, and nothing beside it' },
  )
  .describe('Whose remembered answers are to be forgotten.');

/** The user and the domain in the form that the gateway knows them by. */
export const flushReply = z.strictObject({
  flushed: z.union([z.strictObject({ user }), z.strictObject({ domain: z.string() }), z.strictObject({ all: z.literal(true) })]),
});

const moment = z.int().min(0);

export const banSchema = z.strictObject({
  id: z.string().describe('What to lift it by: INSTANCE.ID.'),
  instance: z.string().describe('The policy that keeps them out.'),
  kind: z.enum(['user', 'network', 'user-in-network']),
  user: z.string().optional().describe('Canonical.'),
  network: z.string().optional().describe('CIDR notation.'),
  tries: z.int().min(0).describe('Different wrong passwords counted in the window.'),
  since: moment.describe('Milliseconds since 1970.'),
  until: moment.describe('Milliseconds since 1970.'),
  enforced: z.boolean().describe('False in log-only mode: they would be kept out.'),
});

export const bansReply = z.strictObject({
  bans: z.array(banSchema).describe('The youngest first.'),
  unavailable: z.array(z.string()).describe('Policies that could not tell just now.'),
});

export const mostBans = 10_000;

export const bansQuery = z.strictObject({
  most: z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/, 'expected a number from 1 to 10000')
    .transform(Number)
    .refine((most) => most <= mostBans, 'expected a number from 1 to 10000')
    .prefault('1000')
    .describe('How many at most, 1 to 10000.'),
});

export const liftReply = z.strictObject({ lifted: z.string().describe('The id.') });

export const problemReply = z.strictObject({ error: z.string(), hint: z.string().optional() });

export const readyReply = z.looseObject({
  status: z.enum(['ready', 'degraded', 'down']),
  instances: z.record(z.string(), z.object({ status: z.enum(['up', 'degraded', 'down']), note: z.string().optional() })),
  version: z.string().optional().describe('Of the gateway that runs.'),
});

export type FlushRequest = z.output<typeof flushRequest>;
export type ListedBan = z.output<typeof banSchema>;
export type BansReply = z.output<typeof bansReply>;
