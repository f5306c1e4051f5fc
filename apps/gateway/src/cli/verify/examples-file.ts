import type { Account, LoginAttempt } from '@postern/contract';
import { z } from 'zod';
import { UsageError } from '../shell.js';
import { readMapping } from './entry-file.js';
import type { Examples } from './question.js';

const login = z.strictObject({ user: z.string(), password: z.string() });

const account = z
  .looseObject({ user: z.string(), attributes: z.record(z.string(), z.unknown()).default({}) })
  .transform((said) => said as unknown as Account);

const passing = z
  .looseObject({ user: z.string().optional(), client: z.looseObject({ ip: z.string() }).optional() })
  .transform((said) => said as unknown as Partial<LoginAttempt>);

/** A key or a value that is none would otherwise be blamed on the plugin. */
const schema = z.strictObject({
  known: login.optional(),
  disabled: login.optional(),
  unknown: z.string().optional(),
  many: z.array(login).optional(),
  afterStop: z.enum(['deferred', 'answers']).optional(),
  placed: z.array(account).optional(),
  homeless: account.optional(),
  passing: passing.optional(),
  skip: z.record(z.string(), z.string()).optional(),
});

/** Whom a plugin may be tried with, as `--examples` names it. Throws a `UsageError`; it holds nothing of the values: there are passwords. */
export const readExamples = (file: string): Examples => {
  const { data, error } = schema.safeParse(readMapping(file));
  if (error === undefined) return withoutUndefined(data);
  const said = error.issues.map(({ path, message }) => `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`);
  throw new UsageError(`${file} is no file of examples: ${said.join('; ')}`, '`postern new` writes a good one for each role.');
};

/** What is not said is not there, as `Examples` has it. */
const withoutUndefined = (data: z.output<typeof schema>): Examples =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
