import type { z } from 'zod';

/** What stands in the shared state, where it makes sense; undefined where it does not: another version wrote it. */
export const parsed = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
