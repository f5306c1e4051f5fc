import type { ConfigPath } from '@postern/contract';
import type { z } from 'zod';
import { Identity } from '../../answer/identity.js';
import { type JsonSchema, keysAt } from '../json-schema.js';
import { type CoreConfig, coreSections } from '../schema/core-config.js';
import type { ProblemList } from './problem-list.js';
import { readAs } from './read-as.js';
import { isMapping, own } from './value-at.js';
import { zodProblems } from './zod-problems.js';

/** The sections that could be read; a bad one is absent, so that checks which need it are left out. */
export type Sections = Partial<CoreConfig>;

/** Reads every section beside the plugin list, each for itself. */
export const readSections = async (data: unknown, schema: JsonSchema, problems: ProblemList): Promise<Sections> => {
  const sections: Record<string, unknown> = {};
  for (const [name, section] of Object.entries(coreSections) as [keyof CoreConfig, z.ZodType][]) {
    const input = own(data, name);
    refuseProto(input, [name], problems);
    const { value, issues } = await readAs(section, input);
    if (value !== undefined) sections[name] = value.data;
    const context = { input, base: [name], keysAt: (path: ConfigPath) => keysAt(schema, [name, ...path]) };
    zodProblems(issues, context).forEach((problem) => problems.add(problem));
  }
  const read = sections as Sections;
  if (read.identity !== undefined && !identityHolds(read.identity, problems)) delete read.identity;
  return read;
};

/** zod's records skip this key without a word, and nothing that is written may be dropped. */
const refuseProto = (value: unknown, path: ConfigPath, problems: ProblemList): void => {
  if (!isMapping(value)) return;
  for (const [key, below] of Object.entries(value)) {
    if (key !== '__proto__') refuseProto(below, [...path, key], problems);
    else problems.add({ code: 'unknown-key', path: [...path, key], message: 'unknown key "__proto__"', at: 'key' });
  }
};

const identityHolds = (identity: CoreConfig['identity'], problems: ProblemList): boolean => {
  try {
    new Identity(identity);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be used';
    problems.add({ code: 'bad-value', path: ['identity', 'domainAliases'], message });
    return false;
  }
};
