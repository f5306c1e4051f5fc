import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

export interface ReadAs<T> {
  /** Absent where something else is wrong than keys that nobody knows. */
  readonly value?: { readonly data: T };
  readonly issues: readonly Issue[];
}

/**
 * Reads `input` by `schema`. Keys that nobody knows are told and then left out, so that they do not hide what is wrong with the rest. May
 * reject where a plugin's schema throws.
 */
export const readAs = async <T>(schema: z.ZodType<T>, input: unknown): Promise<ReadAs<T>> => {
  const first = await schema.safeParseAsync(input);
  if (first.success) return { value: { data: first.data }, issues: [] };
  const { issues } = first.error;
  if (!issues.every(isUnknownKeys)) return { issues };
  const again = await schema.safeParseAsync(issues.reduce((rest, { path, keys }) => without(rest, path, keys), input));
  return again.success ? { value: { data: again.data }, issues } : { issues: [...issues, ...again.error.issues] };
};

const isUnknownKeys = (issue: Issue): issue is Extract<Issue, { code: 'unrecognized_keys' }> => issue.code === 'unrecognized_keys';

/** Lists keep their lengths: paths into the rest stay right. */
const without = (value: unknown, path: readonly PropertyKey[], keys: readonly string[]): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const [step, ...below] = path;
  const within = (item: unknown, key: string): unknown => (key === String(step) ? without(item, below, keys) : item);
  if (Array.isArray(value)) return value.map((item: unknown, index) => within(item, String(index)));
  const kept = Object.entries(value).filter(([key]) => step !== undefined || !keys.includes(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, within(item, key)]));
};
