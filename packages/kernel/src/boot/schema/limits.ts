import { duration } from '@postern/contract';
import { z } from 'zod';

const breaker = z.strictObject({
  after: z.int().min(1).max(10_000).prefault(5).describe('Failures in a row until the store is not asked for a while.'),
  for: duration({ min: 100, max: 3_600_000 }).prefault('2s').describe('How long it is not asked, before one login tries it.'),
});

/** A place per instance, so that one that hangs takes nothing from the others. */
export const limitsSchema = z
  .strictObject({
    concurrency: z.int().min(1).max(100_000).prefault(64).describe('Questions at once; fewer while so many hold each other up.'),
    queue: z.int().min(0).max(1_000_000).prefault(256).describe('Questions that wait; those beyond are deferred at once.'),
    timeout: duration({ min: 10, max: 59_000 })
      .optional()
      .describe(
        "Time for one answer; for a policy, its own part of it. Default: a store's fair share of nginx.deadline, and all of it for the others.",
      ),
    breaker: z
      .union([z.literal('off'), breaker])
      .prefault({})
      .describe('Stores only: stops asking one that keeps failing.'),
  })
  .describe('What one instance may take of the gateway. Stores always have such limits; routers and policies where this stands.');

export type LimitsConfig = z.output<typeof limitsSchema>;

export const defaultStoreLimits: LimitsConfig = limitsSchema.parse({});
