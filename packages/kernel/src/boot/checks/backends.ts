import { didYouMean } from '../reading/nearest.js';
import { isMapping, own } from '../reading/value-at.js';
import type { CheckContext } from './check-context.js';

/** Names of backends, in both directions: named but not declared, declared but not named. */
export const checkBackends = (context: CheckContext): void => {
  const written = own(context.data, 'backends');
  const declared = isMapping(written) ? Object.keys(written) : [];
  const named = checkNamed(declared, context);
  const { uses, problems } = context;
  if (uses.some(({ plugin, parsed }) => plugin === undefined || parsed === undefined)) return;
  if (uses.some(({ plugin, parsed }) => plugin?.role === 'backend-router' && (parsed?.inspection?.namesBackendsAtRunTime ?? true))) return;
  if (uses.some(({ parsed }) => parsed?.inspection?.namesBackendsAtRunTime === true)) return;
  for (const name of declared) {
    if (named.has(name)) continue;
    const message = 'no plugin names this backend';
    problems.add({ code: 'backend-unused', path: ['backends', name], message, hint: 'Name it in a router, or take it out.', at: 'key' });
  }
};

const checkNamed = (declared: readonly string[], { uses, problems }: CheckContext): ReadonlySet<string> => {
  const known = new Set(declared);
  const named = new Set<string>();
  for (const { parsed, index } of uses) {
    for (const { name, path } of parsed?.inspection?.backends ?? []) {
      named.add(name);
      if (known.has(name)) continue;
      const hint = [didYouMean(name, declared), declared.length === 0 ? 'Declare it under backends.' : `Declared: ${shown(declared)}.`];
      const message = `the backend ${JSON.stringify(name)} is not declared`;
      problems.add({
        code: 'backend-unknown',
        path: ['plugins', index, 'with', ...path],
        message,
        hint: hint.filter((part) => part !== '').join(' '),
      });
    }
  }
  return named;
};

const shown = (names: readonly string[]): string => (names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', '));
