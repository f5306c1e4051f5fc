import type { Generation, HomeQuestion } from '@postern/kernel';
import type { Tally } from './tally.js';
import type { User, Users } from './users.js';

export interface Comparison {
  readonly before: Generation;
  readonly after: Generation;
  readonly users: Users;
  readonly question: Pick<HomeQuestion, 'protocol' | 'clientIp'>;
  readonly tally: Tally;
  /** Called with how many users were compared so far. */
  readonly progress: (users: number) => void;
}

/** Users at once: enough to keep a database busy that answers in a few milliseconds. */
const mostAtOnce = 32;

/** Asks both configs about everybody, so many at once as every instance takes. */
export const compareAll = async (comparison: Comparison): Promise<void> => {
  const { before, after, users, tally, progress } = comparison;
  const places = [before, after].flatMap(({ config }) => config.plugins.flatMap(({ limits }) => limits?.concurrency ?? []));
  const atOnce = Math.min(mostAtOnce, ...places);
  let compared = 0;
  for await (const batch of users) {
    for (let start = 0; start < batch.length; start += atOnce) {
      const some = batch.slice(start, start + atOnce);
      const add = await Promise.all(some.map((user) => asked(user, comparison)));
      for (const put of add) put(tally);
      compared += some.length;
      progress(compared);
    }
  }
};

/** What to tell the tally, in the order of the list. */
const asked = async (user: User, { before, after, question }: Comparison): Promise<(tally: Tally) => void> => {
  if (user.trouble !== undefined) return (tally) => tally.addTrouble(user);
  const whole: HomeQuestion = { ...question, askStores: user.madeUp !== true };
  const [now, then] = await Promise.all([before.home(user.login, whole), after.home(user.login, whole)]);
  return (tally) => tally.add(user, now, then);
};
