import { bindConfig, type ConfigPlace, type Plugin } from '@postern/contract';

/** What a plugin's `with` becomes once parsed. */
export type ConfigOf<P extends Plugin> = ReturnType<P['config']['parse']>;

/** Parses and binds a plugin's `with` as the host does. Throws an `Error` that lists every problem with its path. */
export const parseConfig = <P extends Plugin>(
  plugin: P,
  input: unknown,
  place: ConfigPlace = { directory: process.cwd(), env: {} },
): ConfigOf<P> => {
  const parsed = plugin.config.safeParse(input);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  const problems = bindConfig(parsed.data, place);
  if (problems.length > 0) throw new Error(problems.map((problem) => `${problem.path.join('.')}: ${problem.message}`).join('\n'));
  return parsed.data as ConfigOf<P>;
};
