// A store as somebody might write it on a bad day. Its mood is the local part of the login; anybody else it does not know.
import { definePlugin } from '@postern/contract';
import { z } from 'zod';

const moods = {
  throws: () => {
    throw new Error('out of order');
  },
  hangs: () => new Promise(() => undefined),
  'answers-nonsense': () => 42,
};

export default definePlugin({
  apiVersion: 1,
  role: 'credential-store',
  use: 'moody',
  config: z.strictObject({}),
  create: (_config, { log }) => ({
    abilities: { mechanisms: ['plain'], knowsUsers: true },
    verify: async (attempt) => {
      log.info(`thinking about ${attempt.user}`);
      return moods[attempt.user.split('@')[0]]?.() ?? { kind: 'unknown-user' };
    },
  }),
});
