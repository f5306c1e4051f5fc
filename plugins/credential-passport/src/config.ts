import { template } from '@postern/contract';
import { z } from 'zod';
import { strategyOptions } from './options.js';
import { strategyRef } from './strategy-ref.js';

const fieldName = z.string().min(1);

const login = template().refine(({ variables }) => variables.length > 0 && variables.every((name) => !name.startsWith('attributes.')), {
  error: 'expected a template with {user}, {local} or {domain}; attributes are not known yet',
});

/** The plugin's `with`. */
export const passportConfig = z.strictObject({
  strategy: strategyRef().describe(
    'An npm package (`passport-ldapauth`) or the path of a module; both are looked for from the config file’s folder.',
  ),
  export: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Which export of the module: a strategy, its constructor, or a function that makes it. Absent: `strategy`, `Strategy`, the default, or the only one that looks like it.',
    ),
  options: strategyOptions()
    .optional()
    .describe('What the constructor is handed. `{ env: NAME }` and `{ file: PATH }` anywhere in it become the text that they name.'),
  fields: z
    .strictObject({
      user: fieldName.optional().describe('Absent: `options.usernameField`, or `username`.'),
      password: fieldName.optional().describe('Absent: `options.passwordField`, or `password`.'),
    })
    .prefault({})
    .describe('The fields of the form in which the strategy looks for the login and the password.'),
  login: login.prefault('{user}').describe('What the strategy is told as the login, for example `{local}`.'),
  account: fieldName
    .optional()
    .describe('The field of the strategy’s user object that names the account. Absent: `username` where there is one, else the login.'),
});

export type PassportConfig = z.output<typeof passportConfig>;

export interface Fields {
  readonly user: string;
  readonly password: string;
}

/** A strategy that is told its fields need not be described twice. */
export const fieldsOf = ({ fields, options = {} }: PassportConfig): Fields => ({
  user: fields.user ?? textAt(options, 'usernameField') ?? 'username',
  password: fields.password ?? textAt(options, 'passwordField') ?? 'password',
});

const textAt = (options: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = Object.hasOwn(options, name) ? options[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};
