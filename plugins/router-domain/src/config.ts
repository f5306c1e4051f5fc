import { textMap } from '@postern/contract';
import { z } from 'zod';

export const DomainConfig = z.strictObject({
  routes: textMap()
    .prefault({})
    .describe(
      'Backends by domain: `example.org` (that domain), `*.example.net` (every domain below it, not itself; the longest wins), `/^(\\w+)\\.example\\.com$/` (a JavaScript regular expression; `$1` to `$9` in the backend’s name stand for its captures). Asked in that order, expressions in the order of the file.',
    ),
  default: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The backend of every domain without a route, and of users without a domain. Without it they are homeless here: the next router is asked.',
    ),
});

export type DomainConfig = z.output<typeof DomainConfig>;
