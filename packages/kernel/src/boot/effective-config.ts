import { coreSections } from './schema/core-config.js';
import { limitsSchema } from './schema/limits.js';
import { composeSchema, type JsonSchema, jsonSchemaOf, partsOf } from './json-schema.js';
import type { ResolvedConfig, ResolvedUse } from './resolved-config.js';
import { isMapping, own } from './reading/value-at.js';
import { redacted, scrubber, secretsIn, secretTexts, secretValues } from './secrets.js';

/**
 * The config with every default filled in, as data that could be written to a file again. Secrets are always `[secret]`, or the
 * `{ env }` or `{ file }` they come from.
 */
export const effectiveConfig = (config: ResolvedConfig): Readonly<Record<string, unknown>> => {
  const core = composeSchema(new Map());
  const written = config.written.reveal();
  const sections = Object.keys(coreSections).flatMap((name) => {
    const filled = fill(own(written, name), own(own(core, 'properties'), name), core);
    return filled === undefined ? [] : [[name, filled] as const];
  });
  const plugins = config.plugins.map((use) => effectiveUse(use, config));
  const known = [config.core, ...config.plugins.map(({ options }) => options)].flatMap((part) => secretValues(part));
  const scrub = scrubber([...known, ...secretTexts(written)]);
  return redact(Object.fromEntries([...sections, ['plugins', plugins]]), scrub) as Readonly<Record<string, unknown>>;
};

const limitsForm = jsonSchemaOf(limitsSchema);

const effectiveUse = (resolved: ResolvedUse, config: ResolvedConfig): Readonly<Record<string, unknown>> => {
  const plugins = own(config.written.reveal(), 'plugins');
  const written: unknown = Array.isArray(plugins) ? plugins[resolved.index] : {};
  const schema = jsonSchemaOf(resolved.plugin.config);
  const filled = fill(own(written, 'with') ?? {}, schema, schema);
  const options = hideAt(
    filled,
    secretsIn(resolved.options).map(({ path }) => path),
  );
  const limits = resolved.plugin.role === 'credential-store' ? { limits: fill(own(written, 'limits') ?? {}, limitsForm, limitsForm) } : {};
  return { ...(isMapping(written) ? written : {}), use: resolved.use, as: resolved.name, ...limits, with: options };
};

/** Adds the defaults that the schema names. */
const fill = (value: unknown, schema: unknown, root: JsonSchema, depth = 0): unknown => {
  const parts = partsOf(schema, root);
  const start = value ?? parts.map((part) => own(part, 'default')).find((known) => known !== undefined);
  if (depth > 32) return start;
  if (Array.isArray(start)) {
    const items = parts.map((part) => own(part, 'items')).find((known) => known !== undefined);
    return start.map((item) => fill(item, items, root, depth + 1));
  }
  return isMapping(start) ? fillMapping(start, parts, root, depth) : start;
};

const fillMapping = (value: Readonly<Record<string, unknown>>, parts: readonly JsonSchema[], root: JsonSchema, depth: number): unknown => {
  const fitting = parts.filter((part) => fits(value, part));
  const names = new Set([...Object.keys(value), ...fitting.flatMap((part) => Object.keys(propertiesOf(part)))]);
  const entries = [...names].flatMap((name) => {
    const schemas = fitting.map((part) => own(propertiesOf(part), name) ?? own(part, 'additionalProperties')).filter(isMapping);
    const filled = fill(own(value, name), { anyOf: schemas }, root, depth + 1);
    return filled === undefined ? [] : [[name, filled] as const];
  });
  return Object.fromEntries(entries);
};

const propertiesOf = (part: JsonSchema): Readonly<Record<string, unknown>> => {
  const properties = own(part, 'properties');
  return isMapping(properties) ? properties : {};
};

/** Whether a mapping may be of this form: no key of it is foreign, and none that is required is missing. */
const fits = (value: Readonly<Record<string, unknown>>, part: JsonSchema): boolean => {
  if (own(part, 'type') !== 'object') return false;
  const required = own(part, 'required');
  const keys = Object.keys(value);
  const complete = !Array.isArray(required) || required.every((name) => typeof name === 'string' && Object.hasOwn(value, name));
  return complete && (own(part, 'additionalProperties') !== false || keys.every((key) => Object.hasOwn(propertiesOf(part), key)));
};

/** Literal secrets by their place, in case the text itself is too short to be told from others. */
const hideAt = (value: unknown, paths: readonly (readonly (string | number)[])[]): unknown => {
  if (paths.some((path) => path.length === 0)) return isMapping(value) ? value : redacted;
  if (typeof value !== 'object' || value === null || paths.length === 0) return value;
  const under = (key: string | number) => paths.filter(([first]) => String(first) === String(key)).map((path) => path.slice(1));
  if (Array.isArray(value)) return value.map((item, index) => hideAt(item, under(index)));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideAt(item, under(key))]));
};

const redact = (value: unknown, scrub: (text: string) => string): unknown => {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'number' && scrub(String(value)) === redacted) return redacted;
  if (Array.isArray(value)) return value.map((item) => redact(item, scrub));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item, scrub)]));
};
