import type { BackendRouter, Clock, CredentialStore, Lifecycle, Log, Policy } from '@postern/contract';
import { causeText } from '../../answer/cause.js';
import { Condition } from '../../answer/condition.js';
import type { Identity } from '../../answer/identity.js';
import { PlaceGuard } from '../../answer/guard/place-guard.js';
import { StoreGuard } from '../../answer/guard/store-guard.js';
import type { Seat, StoreSeat } from '../../answer/seat.js';
import { ConfigError } from '../config-error.js';
import type { ServicesFor } from '../generation-parts.js';
import type { ResolvedConfig, ResolvedUse } from '../resolved-config.js';
import { defaultStoreLimits } from '../schema/limits.js';
import { InstanceLife } from './instance-life.js';
import type { LifeLimits } from './limits.js';
import { faultOf } from './role-shape.js';

export interface InstancesParts {
  readonly config: ResolvedConfig;
  readonly identity: Identity;
  readonly services: ServicesFor;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: LifeLimits;
  readonly scrub: (text: string) => string;
}

export interface GuardedSeat extends StoreSeat {
  readonly guard: StoreGuard;
}

/** Everything that was made of the plugin list, in its order. */
export interface Instances {
  /** Those that answer. */
  readonly stores: readonly GuardedSeat[];
  /** Those that are asked after the answer. */
  readonly shadows: readonly GuardedSeat[];
  readonly policies: readonly Seat<Policy>[];
  readonly routers: readonly Seat<BackendRouter>[];
  readonly lives: readonly InstanceLife[];
  /** Plugins that could not make their instance. */
  readonly problems: readonly ConfigError[];
}

/** Makes an instance of every entry that is switched on. Nothing is opened, so what was made before a failure needs no stop. */
export const makeInstances = (parts: InstancesParts): Instances => {
  const stores: GuardedSeat[] = [];
  const shadows: GuardedSeat[] = [];
  const policies: Seat<Policy>[] = [];
  const routers: Seat<BackendRouter>[] = [];
  const lives: InstanceLife[] = [];
  const problems: ConfigError[] = [];
  for (const use of parts.config.plugins) {
    if (use.mode === 'off') continue;
    const made = makeOne(use, parts);
    if (made instanceof ConfigError) {
      problems.push(made);
      continue;
    }
    const seat = { name: use.name, when: Condition.from(use.when, parts.identity) };
    if (use.plugin.role === 'credential-store')
      (use.mode === 'shadow' ? shadows : stores).push({
        ...seat,
        on: use.on,
        guard: guardOf(use, parts),
        instance: made as CredentialStore,
      });
    else if (use.plugin.role === 'policy') policies.push({ ...seat, ...placeOf(use, parts), instance: made as Policy });
    else routers.push({ ...seat, ...placeOf(use, parts), instance: made as BackendRouter });
    lives.push(lifeOf(use, made, parts));
  }
  return { stores, shadows, policies, routers, lives, problems };
};

type Made = (CredentialStore | BackendRouter | Policy) & Lifecycle;

const makeOne = (use: ResolvedUse, { config, services, scrub }: InstancesParts): Made | ConfigError => {
  const place = { file: config.file, path: ['plugins', use.index], line: use.position?.line, column: use.position?.column };
  const named = `the instance ${JSON.stringify(use.name)}`;
  try {
    const made: unknown = use.plugin.create(use.options, services(use));
    const fault = faultOf(use.plugin.role, made);
    if (fault === undefined) return made as Made;
    return new ConfigError(
      'create-failed',
      place,
      `${named} is no ${use.plugin.role}: ${fault}`,
      'This is a fault in the plugin: tell its author.',
    );
  } catch (cause) {
    const message = `create of ${named} threw: ${scrub(causeText(cause))}`;
    return new ConfigError('create-failed', place, message, 'Mend its options, or tell the author of the plugin.');
  }
};

/** Of a router or policy: only where the config says so, since they seldom ask anybody. */
const placeOf = ({ name, limits }: ResolvedUse, { config, clock }: InstancesParts): { readonly place?: PlaceGuard } => {
  if (limits === undefined) return {};
  const { concurrency, queue, timeout: timeoutMs = config.core.nginx.deadline } = limits;
  return { place: new PlaceGuard({ name, limits: { concurrency, queue, timeoutMs }, clock }) };
};

const guardOf = ({ name, limits = defaultStoreLimits }: ResolvedUse, { clock, log, scrub }: InstancesParts): StoreGuard => {
  const { concurrency, queue, timeout: timeoutMs, breaker } = limits;
  const rules = breaker === 'off' ? undefined : { after: breaker.after, forMs: breaker.for };
  return new StoreGuard({ name, limits: { concurrency, queue, timeoutMs, breaker: rules }, clock, log, scrub });
};

const lifeOf = ({ name, use, mode, plugin: { role } }: ResolvedUse, instance: Lifecycle, parts: InstancesParts): InstanceLife => {
  const { clock, log, limits, scrub } = parts;
  return new InstanceLife({ name, use, role, shadow: mode === 'shadow', instance, clock, log, limits, scrub });
};
