import { Secret } from '@postern/contract';
import { z } from 'zod';

/** The config's `options` with a `Secret` in the place of each `{ env }` and `{ file }`, and of texts under the name of a secret. */
export type StrategyOptions = Readonly<Record<string, unknown>>;

const secretName = /pass(?:word|phrase|wd)?$|secret$|token$|credentials?$|api_?key$|private_?key$/i;
const deepest = 20;

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

const sourceOf = (value: Readonly<Record<string, unknown>>): { readonly env: string } | { readonly file: string } | undefined => {
  const [only, another] = Object.entries(value);
  if (only === undefined || another !== undefined || typeof only[1] !== 'string' || only[1] === '') return undefined;
  if (only[0] === 'env') return { env: only[1] };
  return only[0] === 'file' ? { file: only[1] } : undefined;
};

/** Throws when it is nested too deeply, as a YAML alias of itself is. What is neither plain data nor a list stays as it is. */
const withSecrets = (value: unknown, name: string, depth: number): unknown => {
  if (depth > deepest) throw new RangeError('nested too deeply');
  if (typeof value === 'string') return value !== '' && secretName.test(name) ? new Secret(value) : value;
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, name, depth + 1));
  if (!isPlain(value)) return value;
  const source = sourceOf(value);
  return source === undefined ? mapped(value, (item, key) => withSecrets(item, key, depth + 1)) : new Secret(source);
};

const mapped = (value: Readonly<Record<string, unknown>>, map: (item: unknown, key: string) => unknown): StrategyOptions =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item, key)]));

/** What the strategy is handed: a copy of its own, secrets in clear text. */
export const revealed = (value: unknown): unknown => {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  return isPlain(value) ? mapped(value, revealed) : value;
};

/** A config field for whatever a strategy's constructor wants. */
export const strategyOptions = (): z.ZodType<StrategyOptions, Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).transform((value, context) => {
    try {
      return mapped(value, (item, key) => withSecrets(item, key, 1));
    } catch {
      context.addIssue({ code: 'custom', message: `expected at most ${deepest} levels` });
      return z.NEVER;
    }
  });
