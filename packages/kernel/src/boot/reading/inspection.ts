import type { Advice, ConfigPath, Inspection, StoreTask, Plugin } from '@postern/contract';
import { messageOf, reportIt } from './plugin-fault.js';
import type { ProblemList } from './problem-list.js';
import { isMapping, own } from './value-at.js';

/** Asks the plugin about its config. Undefined when it cannot say: it has no `inspect`, or that broke (then it is a problem). */
export const inspectUse = (plugin: Plugin, options: unknown, base: ConfigPath, problems: ProblemList): Inspection | undefined => {
  if (plugin.inspect === undefined) return undefined;
  try {
    const inspection = checked(plugin.inspect(options));
    inspection.advice?.forEach((advice) => problems.add(adviceProblem(advice, base)));
    return inspection;
  } catch (error) {
    problems.add({ code: 'plugin-failed', path: base, message: `the plugin's inspect threw: ${messageOf(error)}`, hint: reportIt });
    return undefined;
  }
};

const adviceProblem = ({ severity, path, message, hint }: Advice, base: ConfigPath) =>
  ({ code: severity === 'error' ? 'plugin-refused' : 'plugin-advice', path: [...base, ...path], message, hint }) as const;

/** Plugins from outside need not have been compiled against our types. */
const checked = (inspection: unknown): Inspection => {
  if (!isMapping(inspection)) throw new Error('it gave no inspection');
  const backends = listOf(own(inspection, 'backends')).map((item) => ({ name: textOf(item, 'name'), path: pathOf(item) }));
  const advice = listOf(own(inspection, 'advice')).map((item) => ({
    path: pathOf(item),
    severity: own(item, 'severity') === 'warning' ? ('warning' as const) : ('error' as const),
    message: textOf(item, 'message'),
    hint: textOf(item, 'hint'),
  }));
  return {
    backends,
    advice,
    namesBackendsAtRunTime: own(inspection, 'namesBackendsAtRunTime') === true,
    readsAttributes: listOf(own(inspection, 'readsAttributes')).map(steps),
    asksRoutes: own(inspection, 'asksRoutes') === true,
    answersItself: own(inspection, 'answersItself') === true,
    keepsLedger: own(inspection, 'keepsLedger') === true,
    stores: listOf(own(inspection, 'stores')).map((item) => ({
      name: textOf(item, 'name'),
      path: pathOf(item),
      needs: listOf(own(item, 'needs')).filter(isStoreTask),
    })),
    ...(own(inspection, 'asksRedis') === undefined ? {} : { asksRedis: steps(own(inspection, 'asksRedis')) }),
  };
};

const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined || Array.isArray(value)) return (value ?? []) as readonly unknown[];
  throw new Error('it gave something other than a list');
};

const isStoreTask = (value: unknown): value is StoreTask => storeTasks.has(value);

const storeTasks: ReadonlySet<unknown> = new Set<StoreTask>(['lookup', 'enroll', 'kept', 'withdraw']);

const textOf = (item: unknown, key: string): string => {
  const value = own(item, key);
  return typeof value === 'string' ? value : '';
};

const pathOf = (item: unknown): ConfigPath => steps(own(item, 'path'));

const steps = (path: unknown): ConfigPath =>
  listOf(path).filter((step): step is string | number => typeof step === 'string' || typeof step === 'number');
