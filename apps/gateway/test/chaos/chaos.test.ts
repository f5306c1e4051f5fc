import { describe, expect, it } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { Campaign, type CampaignPlan } from './campaign.js';
import { reportOf } from './report.js';

const { env } = process;
const rounds = Number(env['POSTERN_CHAOS_ROUNDS'] ?? 0);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Each server falls once, quiet, and patient with a busy machine. The seed: among the faults are a reload, a black hole and `kill -9`. */
const bounded: CampaignPlan = {
  ...{ seed: Number(env['POSTERN_CHAOS_SEED'] ?? 18235), rounds: 8, only: [], workers: 2 },
  ...{ rates: { door: 25, nginx: 5 }, holdMs: 800, slackMs: 6000, recoverMs: 30_000, say: () => undefined },
};

/** `npm run chaos`: as long as it is told, and strict. */
const long: CampaignPlan = {
  ...bounded,
  ...{ rounds, rates: { door: 60, nginx: 12 }, holdMs: Number(env['POSTERN_CHAOS_HOLD'] ?? 4) * 1000, slackMs: 2000, recoverMs: 5000, say },
  ...{ only: (env['POSTERN_CHAOS_ONLY'] ?? '').split(',').filter(Boolean), workers: Number(env['POSTERN_CHAOS_WORKERS'] ?? 1) },
};

const roundMs = 20_000 + 2 * long.holdMs;

describeWithServers({ describe, it }, 'chaos', () => {
  it(
    'nobody is wrongly let in, no outage sounds like a wrong password, and all comes back, whatever falls',
    async () => {
      const result = await Campaign.run(rounds > 0 ? long : bounded);
      const { violations } = result.ledger;
      if (rounds > 0 || violations.length > 0) say(reportOf(result));
      expect(violations).toEqual([]);
      expect(result.played).toHaveLength(rounds > 0 ? rounds : bounded.rounds);
    },
    120_000 + rounds * roundMs,
  );
});
