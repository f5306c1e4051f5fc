import { createHash, timingSafeEqual } from 'node:crypto';
import { definePlugin, secret } from '@postern/contract';
import { z } from 'zod';

const person = z.strictObject({
  user: z.string().min(1).describe('The canonical user, for example anna@example.org.'),
  password: secret().describe('The password: { env: NAME }, { file: PATH }, or a text while you try things.'),
  enabled: z.boolean().prefault(true).describe('False: the right password is refused.'),
  team: z.string().optional().describe('Handed to the routers as the attribute `team`.'),
});

const digest = (text) => createHash('sha256').update(text).digest();
const sameText = (one, other) => timingSafeEqual(digest(one), digest(other));
const accountOf = ({ user, team }) => ({ user, attributes: team === undefined ? {} : { team } });

/** Says whether a password is right. Whatever `find` throws counts as *deferred* ("cannot tell"), never as a wrong password. */
export const storeOf = (find) => {
  let open = true;
  const ask = async (user, signal) => {
    signal.throwIfAborted();
    if (!open) throw new Error('the store is stopped');
    return find(user, signal);
  };
  return {
    abilities: { mechanisms: ['plain'], knowsUsers: true },
    start: async () => void (open = true),
    async verify({ user, proof }, signal) {
      if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
      const found = await ask(user, signal);
      if (found === undefined) return { kind: 'unknown-user' };
      if (proof.password === '' || !sameText(proof.password, found.password.reveal())) return { kind: 'rejected' };
      return found.enabled ? { kind: 'accepted', account: accountOf(found) } : { kind: 'refused', why: 'disabled', proofHeld: true };
    },
    async lookup(user, signal) {
      const found = await ask(user, signal);
      if (found === undefined) return { kind: 'unknown-user' };
      return found.enabled ? { kind: 'found', account: accountOf(found) } : { kind: 'refused', why: 'disabled' };
    },
    stop: async () => void (open = false),
  };
};

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'credential-store',
  use: 'PLUGIN_NAME',
  config: z.strictObject({
    people: z.array(person).describe('Who may log in. Replace this by whatever your own directory needs: a URL, a token, a time-out.'),
  }),
  create: (config) => {
    const people = new Map(config.people.map((one) => [one.user, one])); // no object: `__proto__` is a legal login
    return storeOf(async (user) => people.get(user)); // ask your HTTP service or your database here, and pass the signal on
  },
});
