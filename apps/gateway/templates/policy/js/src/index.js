import { definePlugin } from '@postern/contract';
import { z } from 'zod';

const hour = z.int().min(0).max(24);

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'policy',
  use: 'PLUGIN_NAME',
  config: z.strictObject({
    from: hour.prefault(0).describe('The hour (UTC) from which people are let in.'),
    until: hour.prefault(24).describe('The hour (UTC) from which they no longer are.'),
  }),
  create: ({ from, until }, { clock, log }) => {
    const isOpen = () => {
      const now = new Date(clock.now()).getUTCHours();
      return from <= until ? from <= now && now < until : now >= from || now < until;
    };
    // Calls `next` once, passes the signal on, and lets everything pass untouched that is no "yes".
    const around = (next) => async (attempt, signal) => {
      const verdict = await next(attempt, signal);
      if (verdict.kind !== 'accepted' || isOpen()) return verdict;
      log.info('outside the hours', { id: attempt.id });
      return { kind: 'refused', why: 'policy', proofHeld: true, rule: 'hours' };
    };
    return { around, rehearse: around };
  },
});
