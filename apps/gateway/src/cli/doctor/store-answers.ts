import type { Account, Lookup } from '@postern/contract';
import { causeText } from '@postern/kernel';
import { sayOf } from './finding.js';
import type { Visit } from './visit.js';

export interface StoreAnswer {
  readonly name: string;
  /** `blind`: it cannot say who somebody is without a password. */
  readonly answer: Lookup | { readonly kind: 'blind' };
}

/** Which stores know somebody, and whether they say the same. */
export const compareStores = (answers: readonly StoreAnswer[], user: string, visit: Visit): void => {
  const say = sayOf(visit.tell, 'stores', user);
  if (answers.length === 0) return say('problem', 'no store is asked about such a login', 'Compare it with `when` of the stores.');
  const kinds = answers.map(({ name, answer }) => `${name} ${wordsOf(answer, visit)}`).join('; ');
  const knowing = answers.filter(({ answer: { kind } }) => kind === 'found' || kind === 'refused');
  const unclear = answers.some(({ answer: { kind } }) => kind === 'deferred');
  const blind = answers.some(({ answer: { kind } }) => kind === 'blind');
  if (unclear) say('warning', kinds, 'Mend the store that cannot tell.');
  else if (knowing.length === 0 && !blind) say('problem', kinds, 'Nobody knows them: is the login spelled as in the store?');
  else say('ok', kinds);
  for (const difference of differences(answers, visit)) {
    sayOf(visit.tell, 'stores', user)(
      'warning',
      difference,
      'Mend one of them: which answer counts depends on the order of the plugin list.',
    );
  }
};

const wordsOf = (answer: StoreAnswer['answer'], { quote }: Visit): string => {
  switch (answer.kind) {
    case 'found':
      return `knows ${quote(answer.account.user)}`;
    case 'refused':
      return `refuses them (${answer.why})`;
    case 'unknown-user':
      return 'does not know them';
    case 'deferred':
      return `cannot tell now: ${quote(causeText(answer.cause))}`;
    case 'blind':
      return 'is asked with a password only';
  }
};

interface Found {
  readonly name: string;
  readonly account: Account;
}

const differences = (answers: readonly StoreAnswer[], visit: Visit): readonly string[] => {
  const found = answers.flatMap(({ name, answer }): readonly Found[] =>
    answer.kind === 'found' ? [{ name, account: answer.account }] : [],
  );
  const refusing = answers.flatMap(({ name, answer }) => (answer.kind === 'refused' ? [name] : []));
  const shutOut =
    found.length > 0 && refusing.length > 0
      ? [`they are let in by ${found.map(({ name }) => name).join(', ')} and refused by ${refusing.join(', ')}`]
      : [];
  const [first, ...others] = found;
  if (first === undefined) return shutOut;
  return [...shutOut, ...others.flatMap((other) => pairDifferences(first, other, visit))];
};

/** Attributes may be columns of a table that also holds passwords. */
const secretName = /pass|secret|token|hash|credential/i;

const pairDifferences = (one: Found, other: Found, { quote }: Visit): readonly string[] => {
  const shared = Object.keys(one.account.attributes).filter(
    (name) => Object.hasOwn(other.account.attributes, name) && !secretName.test(name),
  );
  const pairs = [
    ['canonical name', one.account.user, other.account.user] as const,
    ...shared.map(
      (name) => [`attribute ${quote(name)}`, one.account.attributes[name] ?? '', other.account.attributes[name] ?? ''] as const,
    ),
  ];
  return pairs
    .filter(([, mine, theirs]) => mine !== theirs)
    .map(([what, mine, theirs]) => `the ${what} is ${quote(mine)} in ${one.name} and ${quote(theirs)} in ${other.name}`);
};
