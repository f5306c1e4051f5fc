import { z } from 'zod';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** `500ms`, `5s`, `10m`, `2h`, `30d` in milliseconds; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const [, amount, unit] = pattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Math.round(Number(amount) * unitMs[unit as keyof typeof unitMs]);
};

/** In the largest unit that needs no fraction. */
const durationText = (ms: number): string => {
  const [unit, size] = Object.entries(unitMs).findLast(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
};

/** A config field for a duration; its value is in milliseconds. `min` and `max`, in milliseconds, are inclusive. */
export const duration = (range: { readonly min?: number; readonly max?: number } = {}): z.ZodType<number, string> =>
  z
    .string()
    .regex(pattern, 'expected a duration such as 500ms, 5s, 10m, 2h or 30d')
    .transform((text, context) => {
      const ms = parseDuration(text) ?? 0;
      if (range.min !== undefined && ms < range.min)
        context.addIssue({ code: 'custom', message: `must be at least ${durationText(range.min)}` });
      if (range.max !== undefined && ms > range.max)
        context.addIssue({ code: 'custom', message: `must be at most ${durationText(range.max)}` });
      return ms;
    });
