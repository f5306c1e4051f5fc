import { template } from '@postern/contract';
import { z } from 'zod';

export const HashConfig = z.strictObject({
  over: z
    .array(z.string().min(1))
    .min(1, 'name at least one backend')
    .superRefine((names, context) => {
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) !== index) context.addIssue({ code: 'custom', path: [index], message: `${name} is named twice` });
      }
    })
    .describe('Declared backends to spread the mailboxes over. The order does not matter; shares follow the backends’ `weight`.'),
  key: template()
    .prefault('{user}')
    .describe(
      'What is hashed: a template of `{user}`, `{local}`, `{domain}` or `{attributes.NAME}`. An account without that value is homeless here: the next router is asked.',
    ),
  whenDown: z
    .enum(['defer', 'next'])
    .default('defer')
    .describe(
      '`defer`: the mailbox lives on its backend and nowhere else, so its users wait while that is down. `next`: shared storage, take the next best backend.',
    ),
});

export type HashConfig = z.output<typeof HashConfig>;
