import { explainLogin, type ExplainedInstance, type Generation } from '@postern/kernel';
import { sayOf } from './finding.js';
import { compareStores, type StoreAnswer } from './store-answers.js';
import { comparePlaces } from './places-check.js';
import type { ReadyPage } from './operator-check.js';
import type { DoorReplies, Visit } from './visit.js';

/** What the running gateway said, to hold this config against. */
export interface Told {
  readonly ready: ReadyPage | undefined;
  readonly replies: DoorReplies;
}

/** Stores and routers as this command sees them, made from the config as a gateway makes them; and against each other. */
export const checkStores = async (generation: Generation, told: Told, visit: Visit): Promise<void> => {
  await tellOfHealth(generation, told.ready, visit);
  const { person, tell } = visit;
  if (person === undefined) {
    sayOf(tell, 'stores', 'one against another')('skipped', 'nobody to ask about', 'Give --user USER.');
    return;
  }
  compareStores(await askStores(generation, person.user, visit), person.user, visit);
  await comparePlaces(generation, told, person, visit);
};

const tellOfHealth = async (generation: Generation, ready: ReadyPage | undefined, { config, tell, quote }: Visit): Promise<void> => {
  const { instances } = await generation.health();
  const well: string[] = [];
  for (const { name, mode, plugin } of config.plugins) {
    const health = instances[name];
    if (health === undefined) continue;
    if (health.status === 'up') {
      well.push(name);
      continue;
    }
    const seen = `${plugin.role} is ${health.status} as seen from here${health.note === undefined ? '' : `: ${quote(health.note)}`}`;
    const elsewhere = ready?.instances[name]?.status === 'up';
    const hint = elsewhere
      ? 'The running gateway says it is up: run this as its user, on its host.'
      : 'Mend it, or its options in the config.';
    sayOf(tell, 'stores', name)(health.status === 'down' && mode === 'answer' && !elsewhere ? 'problem' : 'warning', seen, hint);
  }
  if (well.length > 0) sayOf(tell, 'stores', 'from here')('ok', `well as seen from here: ${well.join(', ')}`);
};

const askStores = async (generation: Generation, user: string, { clientIp, tls, config }: Visit): Promise<readonly StoreAnswer[]> => {
  const { instances, user: named } = await explainLogin(generation, { user, clientIp, tls });
  const canonical = named.canonical;
  if (canonical === undefined) return [];
  const stores = instances.filter(({ role, matched, mode }) => role === 'credential-store' && matched === true && mode !== 'off');
  const signal = AbortSignal.timeout(config.core.nginx.deadline);
  return Promise.all(stores.map((store) => askStore(generation, store, canonical, signal)));
};

const askStore = async (generation: Generation, { name }: ExplainedInstance, user: string, signal: AbortSignal): Promise<StoreAnswer> => {
  const store = generation.store(name);
  return { name, answer: store?.lookup === undefined ? { kind: 'blind' } : await store.lookup(user, signal) };
};
