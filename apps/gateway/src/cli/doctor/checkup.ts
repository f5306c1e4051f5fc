import { reasonOf } from './talk.js';
import { checkBackends } from './backends-check.js';
import { checkConfig } from './config-check.js';
import { sayOf, type Section } from './finding.js';
import { checkGateway } from './gateway-check.js';
import { checkNginx } from './nginx-check.js';
import { checkOperator } from './operator-check.js';
import { checkStores, type Told } from './stores-check.js';
import type { Visit } from './visit.js';
import type { Generation } from '@postern/kernel';

/** Hands out a generation made from the config, for as long as `use` takes. */
export type WithGeneration = (use: (generation: Generation) => Promise<void>) => Promise<void>;

/** All checks in their order. Never rejects: a check that breaks is a problem like any other. */
export const checkUp = async (visit: Visit, withGeneration: WithGeneration): Promise<void> => {
  checkConfig(visit);
  const replies = (await guarded('gateway', visit, () => checkGateway(visit))) ?? new Map();
  const ready = await guarded('operator', visit, () => checkOperator(visit));
  const told: Told = { ready, replies };
  await guarded('stores', visit, () => withGeneration((generation) => checkStores(generation, told, visit)));
  await guarded('backends', visit, () => checkBackends(visit));
  await guarded('nginx', visit, () => checkNginx(visit));
};

const guarded = async <T>(section: Section, { tell, quote }: Visit, check: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await check();
  } catch (error) {
    sayOf(tell, section, section)('problem', `could not be looked at: ${quote(reasonOf(error))}`, 'This is a bug in postern.');
    return undefined;
  }
};
