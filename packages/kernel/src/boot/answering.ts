import { HomeFinder } from '../answer/home-finder.js';
import type { Identity } from '../answer/identity.js';
import type { OpenJournals } from '../answer/open-journals.js';
import { Pipeline } from '../answer/pipeline.js';
import type { Placer } from '../answer/placement.js';
import type { Observer } from '../answer/shadow/observer.js';
import type { BackendPool } from '../backends/backend-pool.js';
import type { GenerationParts } from './generation-parts.js';
import type { Instances } from './life/instances.js';
import type { ResolvedConfig } from './resolved-config.js';

/** What those who answer share. */
export interface Frame {
  readonly identity: Identity;
  readonly placer: Placer;
  readonly backends: BackendPool;
  readonly instances: Instances;
  readonly journals: OpenJournals;
  readonly observer: Observer | undefined;
  /** Takes the config's secrets out of a text. */
  readonly scrub: (text: string) => string;
}

/** Who answers logins, and who says where mailboxes are looked for. Throws where the instances do not fit together. */
export const answering = (
  { core }: ResolvedConfig,
  { clock, log }: Pick<GenerationParts, 'clock' | 'log'>,
  { identity, placer, backends, instances, journals, observer, scrub }: Frame,
): { readonly pipeline: Pipeline; readonly homes: HomeFinder } => {
  const { deadline: deadlineMs, requireTls, none } = core.nginx;
  const { stores, policies, routers } = instances;
  const { certificateUser: certificateRule } = core.identity;
  const shared = { identity, stores, routers, placer, deadlineMs, clock, log };
  return {
    pipeline: new Pipeline({ ...shared, policies, journals, observer, certificateRule, requireTls, none }),
    homes: new HomeFinder({ ...shared, backends, scrub }),
  };
};
