import { cidr, mechanisms, protocols } from '@postern/contract';
import { z } from 'zod';
import { limitsSchema } from './limits.js';

const oneOrMany = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1)]);

const domainPattern = z.string().regex(/^(?:\*\.)?[^\s*@]+$/, 'expected a domain, or *.domain for everything below it');

const whenSchema = z
  .strictObject({
    domain: oneOrMany(domainPattern).optional().describe("The user's domain; *.example.org is everything below example.org."),
    user: oneOrMany(z.string().min(1)).optional().describe('The user.'),
    protocol: oneOrMany(z.enum(protocols)).optional(),
    mechanism: oneOrMany(z.enum(mechanisms)).optional(),
    client: oneOrMany(cidr()).optional().describe("Networks of the mail client's address."),
    percent: z.number().min(0).max(100).optional().describe('A share of the users, always the same ones.'),
  })
  .describe('When the instance is asked. Everything that stands here must match; within a list, any.');

const onward = z.enum(['next', 'stop']);

const onSchema = z
  .strictObject({ rejected: z.exactOptional(onward), 'unknown-user': z.exactOptional(onward), deferred: z.exactOptional(onward) })
  .describe('Stores only: go on to the next store, or stop, after this answer.');

/** A name for logs, metrics and health. A path given as `use` may be one. */
const instanceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected a name of letters, digits, dots, hyphens and underscores, at most 64 long');

export const useText = z.string().min(1).max(512).describe('A bundled plugin, an npm package, or a path such as ./a/path.js.');

/** An entry of the plugin list, without `use` and `with`, which the plugin's own schema completes. */
export const useFields = {
  as: instanceName.optional().describe('Instance name; default: the value of use.'),
  when: whenSchema.optional(),
  on: onSchema.optional(),
  limits: limitsSchema.optional(),
  mode: z
    .enum(['answer', 'shadow', 'off'])
    .optional()
    .describe('Stores only; default: answer. shadow: asked after the client has its answer, to compare.'),
};

export const pluginUseSchema = z.strictObject({
  use: useText,
  ...useFields,
  with: z.unknown().optional().describe("The plugin's own options."),
});

export type PluginUse = z.output<typeof pluginUseSchema>;
