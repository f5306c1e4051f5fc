/** A store of somebody else's making that says whatever it is told to: the user's local part is `SLOT-NUMBER`. */
export const hostileStore = (values: readonly string[]): string => `
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
const values = ${JSON.stringify(values)};
const slots = {
  user: (value) => ({ user: value, attributes: {} }),
  host: (value, user) => ({ user, attributes: { host: value } }),
  name: (value, user) => ({ user, attributes: { [value]: 'x' } }),
  login: (value, user) => ({ user, attributes: {}, backend: { user: value } }),
  password: (value, user) => ({ user, attributes: {}, backend: { user, password: value } }),
  secret: (value, user) => ({ user, attributes: {}, secret: value }),
};
export const plugin = {
  apiVersion: 1,
  role: 'credential-store',
  use: 'hostile',
  config: z.strictObject({}),
  create: () => ({
    abilities: { mechanisms: ['plain', 'apop', 'cram-md5'], knowsUsers: false },
    verify: async ({ user }) => {
      const [, slot = '', number = ''] = /^([a-z]+)-(\\d+)@hostile\\.example\\.org$/.exec(user) ?? [];
      const account = slots[slot]?.(values[number], user);
      return account === undefined ? { kind: 'unknown-user' } : { kind: 'accepted', account };
    },
  }),
};
`;

export const slots = ['user', 'host', 'name', 'login', 'password', 'secret'] as const;
