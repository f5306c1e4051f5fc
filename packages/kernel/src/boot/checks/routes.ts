import type { CheckContext } from './check-context.js';

/** Stores that ask the routers too early for what the routers go by. */
export const checkRoutes = ({ uses, problems }: CheckContext): void => {
  const asking = uses.find(({ parsed, mode }) => mode !== 'off' && parsed?.inspection?.asksRoutes === true);
  if (asking === undefined) return;
  for (const { parsed, index } of uses) {
    for (const path of parsed?.inspection?.readsAttributes ?? []) {
      problems.add({
        code: 'attributes-unknown',
        path: ['plugins', index, 'with', ...path],
        message: `goes by an attribute, which is not known yet when ${JSON.stringify(asking.name)} asks where to try a password`,
        hint: 'Route by {user}, {local} or {domain}, or name one server for that store.',
      });
    }
  }
};
