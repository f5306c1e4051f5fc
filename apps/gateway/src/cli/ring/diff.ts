import type { Protocol } from '@postern/contract';
import type { ConfigReading, Generation, ResolvedConfig } from '@postern/kernel';
import { readConfigFile } from '../config-file.js';
import { allMakingProblems } from '../making-problems.js';
import { passingGeneration } from '../passing-generation.js';
import { problemsText } from '../problems.js';
import { UsageError, type ExitCode, type Shell } from '../shell.js';
import { compareAll } from './comparing.js';
import { namedUsers, otherDomain, usersToCompare } from './config-users.js';
import { Progress } from './progress.js';
import { ringJson, ringText, type Asked } from './ring-text.js';
import { Tally, type Findings } from './tally.js';
import { listedUsers, type Users } from './users.js';

export interface RingOptions {
  readonly protocol: Protocol;
  readonly clientIp: string;
  readonly users?: string;
  readonly all?: true;
  readonly json?: true;
}

interface Configs {
  readonly before: ResolvedConfig;
  readonly after: ResolvedConfig;
}

/** Compares two configs and says who would move. The command ends with 2 when one of them has errors; those of both are told. */
export const ringDiff = async (fileBefore: string, fileAfter: string, options: RingOptions, shell: Shell): Promise<void> => {
  const configs = await bothConfigs(fileBefore, fileAfter, shell);
  if (configs === undefined) return;
  const { users, ...source } = await usersOf(configs, options, shell);
  const tally = new Tally(options.all === true || options.json === true);
  const progress = new Progress(shell.io.stderr, () => performance.now());
  const show = (compared: number): void => progress.show(compared);
  const { protocol, clientIp } = options;
  const compare = (before: Generation, after: Generation): Promise<void> =>
    compareAll({ before, after, users, question: { protocol, clientIp }, tally, progress: show });
  const done = await inBoth(configs, shell, compare).finally(() => progress.clear());
  if (done === undefined) return;
  const findings = tally.findings();
  if (findings.totals.compared + findings.totals.noLogins === 0)
    throw new UsageError('there is nobody to compare', 'Put one login on a line.');
  const asked: Asked = { before: configs.before.file, after: configs.after.file, protocol, clientIp, source };
  shell.io.stdout.write(options.json === true ? ringJson(asked, findings) : ringText(asked, findings));
  shell.end(codeOf(findings));
};

const codeOf = ({ totals: { move, nowNowhere, cannotTell, renamed, noLogins } }: Findings): ExitCode =>
  move + nowNowhere + cannotTell + renamed + noLogins === 0 ? 0 : 1;

const bothConfigs = async (fileBefore: string, fileAfter: string, shell: Shell): Promise<Configs | undefined> => {
  const readings = [await readConfigFile(shell, fileBefore), await readConfigFile(shell, fileAfter)] as const;
  const unmade = await Promise.all(readings.map(async ({ config }) => (config === undefined ? [] : allMakingProblems(config))));
  const problems = readings.flatMap((reading, index) => [...(unmade[index] ?? []), ...errorsOf(reading)]);
  const [{ config: before }, { config: after }] = readings;
  if (problems.length === 0 && before !== undefined && after !== undefined) return { before, after };
  shell.io.stderr.write(problemsText(problems));
  shell.end(2);
  return undefined;
};

/** Warnings are `check`'s to tell. */
const errorsOf = ({ problems }: ConfigReading): ConfigReading['problems'] => problems.filter(({ severity }) => severity === 'error');

const usersOf = async (
  { before, after }: Configs,
  { users }: RingOptions,
  { io }: Shell,
): Promise<Asked['source'] & { readonly users: Users }> => {
  if (users !== undefined) return { kind: 'list', name: users === '-' ? 'stdin' : users, users: listedUsers(users, io) };
  const named = await namedUsers([before, after]);
  const { logins, domains, complete } = named;
  return { kind: 'configs', logins: logins.length, domains: complete ? [] : [...domains, otherDomain], users: usersToCompare(named) };
};

/** Undefined when an instance could not be made; that was told then. */
const inBoth = (
  configs: Configs,
  shell: Shell,
  use: (before: Generation, after: Generation) => Promise<void>,
): Promise<true | undefined> => {
  const alive = <T>(config: ResolvedConfig, then: (generation: Generation) => Promise<T>): Promise<T | undefined> =>
    passingGeneration({ config: unchecked(config), shell, patient: true, use: then });
  return alive(configs.before, (before) =>
    alive(configs.after, async (after): Promise<true> => {
      await use(before, after);
      return true;
    }),
  );
};

/** Who answers just now is no part of the comparison, so no mail server is connected to. */
const unchecked = (config: ResolvedConfig): ResolvedConfig => ({ ...config, core: { ...config.core, health: 'off' } });
