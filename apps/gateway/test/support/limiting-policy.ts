/** A policy that limits a user after `tries` different passwords, as a module: the smallest one that needs the shared state. */
export const limitingPolicy = `
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export const plugin = {
  apiVersion: 1,
  role: 'policy',
  use: 'limit',
  config: z.strictObject({ tries: z.number() }),
  create: ({ tries }, { shared }) => ({
    around: (next) => async (attempt, signal) => {
      const [count] = await shared.count([attempt.user]);
      if (count >= tries) return { kind: 'limited' };
      const verdict = await next(attempt, signal);
      if (verdict.kind === 'rejected') await shared.note(attempt.user, attempt.proof.password, { ttlMs: 60000, most: 100 });
      return verdict;
    },
  }),
};
`;
