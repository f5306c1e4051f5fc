import type { ConfigPath, Plugin } from '@postern/contract';
import { z } from 'zod';
import { isMapping, own } from './reading/value-at.js';
import { coreSchema } from './schema/core-config.js';
import { useFields, useText } from './schema/plugin-use.js';

/** A JSON Schema document (draft 7), or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const options = { io: 'input', target: 'draft-7', unrepresentable: 'any' } as const;

/** What may be written where this schema reads. A schema that cannot be shown as JSON Schema admits anything here. */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema => {
  try {
    return z.toJSONSchema(schema, options);
  } catch {
    return {};
  }
};

/** JSON Schema of the whole config file: one entry form per plugin, told apart by `use`. `plugins`: by the word in `use`. */
export const composeSchema = (plugins: ReadonlyMap<string, Plugin>): JsonSchema => {
  const entries = [...plugins].map(([use, { config }]) =>
    z.strictObject({ use: z.literal(use), ...useFields, with: representable(config) ? whole(config) : z.unknown().optional() }),
  );
  const other = z.strictObject({ use: useText, ...useFields, with: z.unknown().optional() });
  const entry = z.union([...entries, other]);
  const list = z.array(entry).min(1).describe('The plugin list: order within a role is the order of asking.');
  const document = z.toJSONSchema(coreSchema.extend({ plugins: list }), options);
  return { ...tellApart(document, [...plugins.keys()]), title: 'Postern configuration' };
};

const representable = (schema: z.ZodType): boolean => Object.keys(jsonSchemaOf(schema)).length > 0;

/** `with` may be left out where an empty one would do. */
const whole = (schema: z.ZodType): z.ZodType => {
  try {
    return schema.safeParse({}).success ? schema.optional() : schema;
  } catch {
    return schema.optional();
  }
};

/** Makes the entry for other plugins exclude the known ones, so that exactly one form fits each `use`. */
const tellApart = (document: JsonSchema, known: readonly string[]): JsonSchema => {
  const copy = structuredClone(document) as { properties: { plugins: { items: { anyOf?: JsonSchema[]; oneOf?: JsonSchema[] } } } };
  const { items } = copy.properties.plugins;
  const forms = items.anyOf;
  const other = forms?.at(-1);
  if (forms === undefined || other === undefined) return copy;
  const properties = own(other, 'properties');
  if (isMapping(properties)) {
    const use = own(properties, 'use');
    forms[forms.length - 1] = { ...other, properties: { ...properties, use: { ...(isMapping(use) ? use : {}), not: { enum: known } } } };
  }
  delete items.anyOf;
  items.oneOf = forms;
  return copy;
};

/** The parts of a schema that apply to a value as it was written: references followed, alternatives spread out. */
export const partsOf = (schema: unknown, root: JsonSchema, depth = 0): readonly JsonSchema[] => {
  if (!isMapping(schema) || depth > 16) return [];
  const reference = own(schema, '$ref');
  const referred = typeof reference === 'string' ? partsOf(resolveReference(reference, root), root, depth + 1) : [];
  const alternatives = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const forms = own(schema, key);
    return Array.isArray(forms) ? forms.flatMap((form) => partsOf(form, root, depth + 1)) : [];
  });
  return [schema, ...referred, ...alternatives];
};

const resolveReference = (reference: string, root: JsonSchema): unknown => {
  let target: unknown = root;
  for (const step of reference.split('/').slice(1)) target = own(target, step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return target;
};

/** The schemas that apply at a path. */
const schemasAt = (root: JsonSchema, path: ConfigPath): readonly JsonSchema[] => {
  let parts = partsOf(root, root);
  for (const step of path) parts = parts.flatMap((part) => partsOf(below(part, step), root));
  return parts;
};

const below = (part: JsonSchema, step: string | number): unknown => {
  if (typeof step === 'number') return own(part, 'items');
  return own(own(part, 'properties'), step) ?? own(part, 'additionalProperties');
};

/** Keys that may stand in the mapping at a path. */
export const keysAt = (root: JsonSchema, path: ConfigPath): readonly string[] => [
  ...new Set(
    schemasAt(root, path).flatMap((part) => {
      const properties = own(part, 'properties');
      return isMapping(properties) ? Object.keys(properties) : [];
    }),
  ),
];
