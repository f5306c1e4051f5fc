import { definePlugin, textMap } from '@postern/contract';
import { z } from 'zod';
import { Router } from './router.js';

/** What stands under `with`. Strict, so that a mistyped key stops the start; described, so that `postern schema` can tell. */
const Config = z.strictObject({
  attribute: z.string().min(1).prefault('team').describe('The attribute of the account that decides.'),
  homes: textMap().describe('The backend for each value of the attribute.'),
});

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'backend-router',
  use: 'PLUGIN_NAME',
  config: Config,
  // A backend that is not declared stops the start, in place of deferring logins later.
  inspect: ({ homes }) => ({
    backends: [...homes].map(([value, name]) => ({ name, path: ['homes', value] })),
    readsAttributes: [['attribute']],
  }),
  create: (config) => new Router(config.attribute, config.homes),
});
