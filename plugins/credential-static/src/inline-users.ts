import { inspect } from 'node:util';
import type { Attributes } from '@postern/contract';
import { z } from 'zod';
import { userKey } from './user-key.js';

/** A user as it stands in the config. */
export interface InlineUser {
  /** The key as it was written. */
  readonly name: string;
  readonly stored: string;
  readonly enabled: boolean;
  readonly attributes: Attributes;
  /** Whether it was written as a mapping; decides where a problem with the password is. */
  readonly mapping: boolean;
}

/** The config's `users`, in its order. Stored passwords do not show in dumps. */
export class InlineUsers {
  readonly #users: readonly InlineUser[];

  constructor(users: readonly InlineUser[]) {
    this.#users = users;
  }

  get all(): readonly InlineUser[] {
    return this.#users;
  }

  toJSON(): unknown {
    return Object.fromEntries(this.#users.map(({ name, enabled, attributes }) => [name, { password: '[secret]', enabled, attributes }]));
  }

  [inspect.custom](): unknown {
    return this.toJSON();
  }
}

const text = z.string({ error: 'expected a text such as "{ARGON2ID}$argon2id$…"; make one with `postern hash`' });

const forms = 'expected "{SCHEME}hash" or { password, enabled, attributes }';

const mapping = z.strictObject({
  password: text.default('').describe('`{SCHEME}hash`. Absent: no password fits, only a client certificate lets this user in.'),
  enabled: z.boolean({ error: 'expected true or false' }).default(true).describe('`false`: the user is refused, whatever the password.'),
  attributes: z
    .record(z.string(), z.string({ error: 'expected a text; put quotes around numbers and the like' }))
    .default({})
    .describe('Texts that routers and policies may use, for example `host`.'),
});

const user = z.union([text, mapping], { error: forms });

/** Without `$schema`, which has no place inside another schema. */
const userSchema = Object.fromEntries(Object.entries(z.toJSONSchema(user, { io: 'input' })).filter(([key]) => key !== '$schema'));

/** The config field. Not zod's record, which drops the key `__proto__`: that is a legal login. */
export const inlineUsers = (): z.ZodType<InlineUsers, Record<string, z.input<typeof user>>> =>
  z
    .unknown()
    .meta({ type: 'object', additionalProperties: userSchema })
    .transform((input, context) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        context.addIssue({ code: 'custom', message: 'expected a mapping of users to passwords' });
        return z.NEVER;
      }
      return new InlineUsers(Object.entries(input).flatMap(([name, value]) => readUser(name, value, context)));
    }) as unknown as z.ZodType<InlineUsers, Record<string, z.input<typeof user>>>;

type Context = z.core.$RefinementCtx;

const readUser = (name: string, value: unknown, context: Context): InlineUser[] => {
  if (userKey(name) === undefined) {
    context.addIssue({ code: 'custom', path: [name], message: 'is no login: a name, or a name and a domain with @ between them' });
    return [];
  }
  const isText = typeof value === 'string';
  const parsed = mapping.safeParse(isText ? { password: value } : value);
  if (parsed.success) return [{ name, stored: parsed.data.password, mapping: !isText, ...parsed.data }];
  for (const issue of parsed.error.issues) {
    for (const told of toldOf(issue)) context.addIssue({ code: 'custom', path: [name, ...told.path], message: told.message });
  }
  return [];
};

const toldOf = (issue: z.core.$ZodIssue): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] => {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key; there are ${Object.keys(mapping.shape).join(', ')}` }));
  }
  return [{ path, message: path.length === 0 ? forms : message }];
};
