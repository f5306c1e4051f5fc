import type { ConfigPath } from '@postern/contract';

/** What stands at a path in plain data; undefined when nothing does. Sees own properties only. */
export const valueAt = (data: unknown, path: ConfigPath): unknown => {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
};

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of an own key; undefined when the mapping is none or lacks it. */
export const own = (mapping: unknown, key: string): unknown =>
  isMapping(mapping) && Object.hasOwn(mapping, key) ? mapping[key] : undefined;
