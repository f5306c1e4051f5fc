import { z } from 'zod';

/**
 * A config field for a mapping of texts to texts, in the order of the file. A `Map`, since zod's records drop the key
 * `__proto__`, which is a legal login.
 */
export const textMap = (): z.ZodType<ReadonlyMap<string, string>, Record<string, string>> =>
  z
    .unknown()
    .meta({ type: 'object', additionalProperties: { type: 'string' } })
    .transform((input, context) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        context.addIssue({ code: 'custom', message: 'expected a mapping of texts to texts' });
        return z.NEVER;
      }
      const texts = new Map<string, string>();
      for (const [key, value] of Object.entries(input) as [string, unknown][]) {
        if (typeof value === 'string' && value !== '') texts.set(key, value);
        else context.addIssue({ code: 'custom', path: [key], message: 'expected a text; put quotes around numbers and the like' });
      }
      return texts;
    }) as unknown as z.ZodType<ReadonlyMap<string, string>, Record<string, string>>;
