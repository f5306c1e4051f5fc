/** A policy that limits a user after `tries` different passwords and takes `waitMs` over each answer, as a module: the smallest one that needs the shared state. */
export const limitingPolicy = `
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export const plugin = {
  apiVersion: 1,
  role: 'policy',
  use: 'limit',
  config: z.strictObject({ tries: z.number(), waitMs: z.number().default(0) }),
  create: ({ tries, waitMs }, { shared }) => ({
    around: (next) => async (attempt, signal) => {
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const [count] = await shared.count([attempt.user]);
      if (count >= tries) return { kind: 'limited' };
      const verdict = await next(attempt, signal);
      if (verdict.kind === 'rejected') await shared.note(attempt.user, attempt.proof.password, { ttlMs: 60000, most: 100 });
      return verdict;
    },
  }),
};
`;
