const redisVariables = ['key', 'user', 'local', 'domain'] as const;

const variable = /\{([^{}]*)\}/g;

/** Variables of a Redis key or field that nobody knows. */
export const unknownIn = (text: string): readonly string[] =>
  [...text.matchAll(variable)].map(([, name = '']) => name).filter((name) => !(redisVariables as readonly string[]).includes(name));

export const namesSomebody = (text: string): boolean => redisVariables.some((name) => text.includes(`{${name}}`));

/** Puts values in place of variables, once: what a value holds is no variable. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(variable, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? '') : whole));
