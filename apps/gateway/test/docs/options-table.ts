import { z } from 'zod';

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

/** Text, `{ env }` or `{ file }`: what the field `secret()` takes. */
const isSecret = (schema: Schema): boolean =>
  schema.anyOf?.some(({ properties }) => properties !== undefined && Object.keys(properties).join() === 'env') ?? false;

const words = (schema: Schema): string => {
  if (isSecret(schema)) return 'secret';
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' \\| ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(words))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? words(schema.items) : 'anything'}`;
  if (schema.type === 'object') return schema.properties ? `{ ${Object.keys(schema.properties).join(', ')} }` : 'mapping';
  return schema.type === 'string' ? 'text' : String(schema.type ?? 'anything');
};

const standard = (schema: Schema, required: boolean): string => {
  if (schema.default !== undefined) return `\`${JSON.stringify(schema.default)}\``;
  return required ? '**required**' : '–';
};

const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/(?<!\\)\|/g, '\\|');

const rows = (schema: Schema, prefix: string): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const own = `| \`${path}\` | ${cell(words(field))} | ${cell(standard(field, schema.required?.includes(name) ?? false))} | ${cell(field.description ?? '')} |`;
    return [own, ...inner(field, path)];
  });

/** One level further in for each object, each entry of a mapping and each item of a list. */
const inner = (field: Schema, path: string): string[] => {
  if (isSecret(field)) return [];
  if (field.properties) return rows(field, `${path}.`);
  if (typeof field.additionalProperties === 'object') return inner(field.additionalProperties, `${path}.NAME`);
  if (field.items) return inner(field.items, `${path}[]`);
  return (field.anyOf ?? []).flatMap((choice) => inner(choice, path));
};

/** A table of every option of a schema, in the order of its fields. */
export const optionsTable = (schema: z.ZodType): string => {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as Schema;
  return ['| option | takes | default | |', '|---|---|---|---|', ...rows(json, '')].join('\n');
};

/** A table of the named sections of a config. */
export const sectionsTable = (sections: Readonly<Record<string, z.ZodType>>): string => optionsTable(z.strictObject(sections));
