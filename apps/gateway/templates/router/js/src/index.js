import { definePlugin, textMap } from '@postern/contract';
import { z } from 'zod';

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'backend-router',
  use: 'PLUGIN_NAME',
  config: z.strictObject({
    attribute: z.string().min(1).prefault('team').describe('The attribute of the account that decides.'),
    homes: textMap().describe('The backend for each value of the attribute.'),
  }),
  // A backend that is not declared stops the start, in place of deferring logins later.
  inspect: ({ homes }) => ({
    backends: [...homes].map(([value, name]) => ({ name, path: ['homes', value] })),
    readsAttributes: [['attribute']],
  }),
  create: ({ attribute, homes }) => ({
    // A router that asks somebody passes the signal on, and throws when it cannot tell: a wrong guess opens an empty mailbox.
    async locate({ attributes }) {
      const name = Object.hasOwn(attributes, attribute) ? homes.get(attributes[attribute]) : undefined;
      return name === undefined ? { kind: 'homeless' } : { kind: 'placed', backends: [{ kind: 'named', name }] };
    },
  }),
});
