import { protocols } from '@postern/contract';
import { listenText, type ResolvedConfig } from '@postern/kernel';
import { z } from 'zod';
import { readyReply } from '../../operator/api-schemas.js';
import { version } from '../../version.js';
import { sayOf, type Say } from './finding.js';
import { lookAt, type Seen } from './operator-page.js';
import { reasonOf } from './talk.js';
import { reachable } from './this-machine.js';
import type { Visit } from './visit.js';

/** What `/readyz` says, with what it says beside the normative part. */
const readyPage = readyReply.extend({
  backends: z.record(z.string(), z.looseObject({ state: z.string(), health: z.record(z.string(), z.string()).optional() })).optional(),
  workers: z.looseObject({ wanted: z.number(), answering: z.number() }).optional(),
  shared: z.looseObject({ status: z.string(), note: z.string().optional() }).optional(),
  ledger: z.looseObject({ status: z.string(), note: z.string().optional() }).optional(),
});

export type ReadyPage = z.output<typeof readyPage>;

/** Clocks of one machine do not differ; those of two may. `Date` has whole seconds. */
const clocksApartMs = 5000;

/** What the gateway says of itself, and whether it runs with this config. Undefined: it could not be asked. */
export const checkOperator = async (visit: Visit): Promise<ReadyPage | undefined> => {
  const { config, tell, timeoutMs } = visit;
  const address = config.core.operator?.listen.find((each) => each.kind === 'unix' || each.port !== 0);
  if (address === undefined) {
    sayOf(tell, 'operator', 'operator')(
      'skipped',
      'the config has no address to ask',
      'Set operator.listen, for example to 127.0.0.1:9144.',
    );
    return undefined;
  }
  const say = sayOf(tell, 'operator', listenText(address));
  try {
    const target = reachable(address);
    const alive = await lookAt(target, '/livez', undefined, timeoutMs);
    if (alive.status !== 200) {
      say('problem', `/livez answers ${alive.status}`, 'See who listens there: is it a Postern?');
      return undefined;
    }
    const ready = await lookAt(target, '/readyz', config.core.operator?.token?.reveal(), timeoutMs);
    compareClocks(ready, say);
    return tellOfReadiness(ready, visit, say);
  } catch (error) {
    say('problem', reasonOf(error), 'Start the gateway with "postern serve", or name its config with -c.');
    return undefined;
  }
};

const compareClocks = ({ date }: Seen, say: Say): void => {
  const apart = date === undefined ? 0 : Math.abs(date - Date.now());
  if (apart > clocksApartMs) say('warning', `its clock and the one here are ${Math.round(apart / 1000)} s apart`, 'Let NTP set both.');
};

const tellOfReadiness = ({ status, body }: Seen, visit: Visit, say: Say): ReadyPage | undefined => {
  if (status === 401) {
    say('problem', 'it does not take the token of this config', 'It may run with an older config: reload it (kill -HUP).');
    return undefined;
  }
  const page = readyPage.safeParse(body);
  if (!page.success) {
    say('problem', `/readyz answers ${status} and nothing that can be read`, 'See who listens there: is it a Postern of this version?');
    return undefined;
  }
  const { data } = page;
  if (data.status === 'ready') say('ok', '/livez says alive, /readyz says ready');
  else if (data.status === 'down') say('problem', '/readyz says down: no login can be answered', 'See the instances below, and its log.');
  else say('warning', '/readyz says degraded', 'See what is told below.');
  if (data.version !== version)
    say('warning', `it runs version ${visit.quote(data.version ?? 'unknown')}, and this command is ${version}`, 'Restart the gateway.');
  tellOfInstances(data, visit);
  compareConfigs(data, visit);
  return data;
};

const tellOfInstances = ({ instances, shared, ledger, workers, backends = {} }: ReadyPage, { config, tell, quote }: Visit): void => {
  // One in the shadow answers nobody.
  const shadows = new Set(config.plugins.filter(({ mode }) => mode === 'shadow').map(({ name }) => name));
  const named = [
    ...Object.entries(instances),
    ...(shared ? [['shared state', shared] as const] : []),
    ...(ledger ? [['ledger', ledger] as const] : []),
  ];
  for (const [name, { status, note }] of named) {
    if (status === 'up') continue;
    const words = note === undefined ? '' : `: ${quote(note)}`;
    sayOf(tell, 'operator', quoteless(name))(
      status === 'down' && !shadows.has(name) ? 'problem' : 'warning',
      `is ${status}${words}`,
      'Mend it, or look into the log.',
    );
  }
  if (workers !== undefined && workers.answering < workers.wanted)
    sayOf(tell, 'operator', 'workers')(
      'warning',
      `${workers.answering} of ${workers.wanted} answer`,
      'The log says why the others do not start.',
    );
  for (const [name, { health = {} }] of Object.entries(backends)) {
    const down = protocols.filter((protocol) => health[protocol] === 'down');
    if (down.length > 0)
      sayOf(tell, 'operator', quoteless(name))('problem', `the gateway sees it down for ${down.join(', ')}`, 'Start that server.');
  }
};

/** Names of a config are plain; those of somebody else's page need not be. */
const quoteless = (name: string): string => name.slice(0, 100);

/** The gateway tells no digest of its config: names of instances, and names and states of backends, are what can be compared. */
const compareConfigs = ({ instances, backends }: ReadyPage, { config, tell }: Visit): void => {
  const say = sayOf(tell, 'operator', 'config');
  const wanted = new Set(config.plugins.filter(({ mode }) => mode !== 'off').map(({ name }) => name));
  const differences = [...differing('instance', wanted, new Set(Object.keys(instances))), ...backendDifferences(backends, config)];
  if (differences.length === 0) say('ok', 'the running gateway has the plugin list and the backends of this file');
  else
    say(
      'problem',
      `the running gateway has another config: ${differences.join(', ')}`,
      'Reload it (kill -HUP); its log says why a config was not taken.',
    );
};

const backendDifferences = (running: ReadyPage['backends'], { core }: ResolvedConfig): readonly string[] => {
  if (running === undefined) return [];
  const states = (of: Readonly<Record<string, { readonly state: string }>>): ReadonlySet<string> =>
    new Set(Object.entries(of).map(([name, { state }]) => (state === 'up' ? name : `${name} (${state})`)));
  return differing('backend', states(core.backends), states(running));
};

const differing = (what: string, wanted: ReadonlySet<string>, running: ReadonlySet<string>): readonly string[] => [
  ...[...wanted].filter((name) => !running.has(name)).map((name) => `it lacks the ${what} ${name}`),
  ...[...running].filter((name) => !wanted.has(name)).map((name) => `it has the ${what} ${quoteless(name)}`),
];
