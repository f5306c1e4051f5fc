import type { Role } from '@postern/contract';

type Parts = Readonly<Record<string, unknown>>;

/** What an instance lacks for its role; undefined when nothing. Plugins may be plain JavaScript. */
export const faultOf = (role: Role, instance: unknown): string | undefined => {
  if (typeof instance !== 'object' || instance === null) return 'create gave nothing';
  const parts = instance as Parts;
  if (typeof parts['then'] === 'function') return 'create must not be asynchronous; open things in start';
  return lifecycleFault(parts) ?? roleFault(role, parts);
};

const isFunction = (value: unknown): boolean => typeof value === 'function';

const lifecycleFault = (parts: Parts): string | undefined =>
  ['start', 'health', 'stop'].flatMap((name) =>
    parts[name] === undefined || isFunction(parts[name]) ? [] : [`${name} is no function`],
  )[0];

const roleFault = (role: Role, parts: Parts): string | undefined => {
  switch (role) {
    case 'backend-router':
      return isFunction(parts['locate']) ? undefined : 'it has no locate';
    case 'policy':
      return isFunction(parts['around']) ? undefined : 'it has no around';
    case 'credential-store':
      return isFunction(parts['verify']) ? abilitiesFault(parts['abilities']) : 'it has no verify';
  }
};

const abilitiesFault = (abilities: unknown): string | undefined => {
  if (typeof abilities !== 'object' || abilities === null) return 'it declares no abilities';
  const { mechanisms, knowsUsers } = abilities as Parts;
  if (!Array.isArray(mechanisms)) return 'its abilities.mechanisms is no list';
  return typeof knowsUsers === 'boolean' ? undefined : 'its abilities.knowsUsers is neither true nor false';
};
