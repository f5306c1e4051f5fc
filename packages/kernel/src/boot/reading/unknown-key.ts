import type { ConfigPath } from '@postern/contract';
import { didYouMean } from './nearest.js';
import type { Problem } from './problem-list.js';

/** More than so many names are no help. */
const mostNames = 20;

/** A key that nobody knows in the mapping at `base`, where `known` may stand. */
export const unknownKey = (base: ConfigPath, key: string, known: readonly string[]): Problem => {
  const list = known.length > 0 && known.length <= mostNames ? `Known here: ${known.join(', ')}.` : '';
  return {
    code: 'unknown-key',
    path: [...base, key],
    message: `unknown key ${JSON.stringify(key)}`,
    hint: [guess(key, known), list].filter((part) => part !== '').join(' '),
    at: 'key',
  };
};

const guess = (key: string, known: readonly string[]): string =>
  key === '<<'
    ? 'Merge keys ended with YAML 1.1, and this is YAML 1.2: write the keys out, or let an alias stand for a whole value.'
    : didYouMean(key, known);
