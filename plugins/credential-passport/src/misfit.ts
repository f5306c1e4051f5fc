import type { Offer } from './offer.js';
import { isThenable, type Said } from './run-strategy.js';

/** Why this strategy cannot answer mail logins, in words for the operator; undefined when it said something that a login can use. */
export const misfitOf = (said: Said, offer: Offer): string | undefined => {
  switch (said.kind) {
    case 'redirect':
      return 'the strategy is interactive (it redirects a browser): it cannot answer mail logins';
    case 'pass':
      return 'the strategy passes on without an answer: it cannot answer mail logins';
    case 'success':
      if (!offer.passwordSeen) return 'the strategy lets people in without looking at their password: it cannot answer mail logins';
      return isNobody(said.user) ? 'the strategy succeeds without a user: its verify function must give one' : undefined;
    case 'fail':
      // 400 is what strategies call a form without the fields they look for; some say nothing but no.
      return offer.lookedAt || (offer.userSeen && said.status !== 400 && !offer.missed)
        ? undefined
        : 'the strategy did not find the login and the password: `fields` must name the fields that it looks for';
    case 'error':
      return undefined;
  }
};

/** Passport has no session for them either; they mostly come of a forgotten check, and a promise of a forgotten `await`. */
const isNobody = (user: unknown): boolean =>
  user === undefined || user === null || user === false || user === '' || user === 0 || isThenable(user);
