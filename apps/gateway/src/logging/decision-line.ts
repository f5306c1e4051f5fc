import type { Encoded } from '@postern/auth-http';
import type { LoginAttempt, Mechanism, Protocol } from '@postern/contract';
import type { Outcome, Stage, Step } from '@postern/kernel';
import type { DoorName } from '../answerer.js';
import { plainText } from './plain-text.js';

/** A question as far as it was understood: what every decision line says, whatever became of it. */
export interface Asker {
  readonly protocol: Protocol | undefined;
  readonly mechanism: Mechanism | undefined;
  readonly rawUser: string | undefined;
  readonly client: string | undefined;
  readonly ordinal: number | undefined;
  readonly tls: boolean | undefined;
}

export const askerOf = (attempt: Omit<LoginAttempt, 'id' | 'user'>): Asker => ({
  protocol: attempt.protocol,
  mechanism: attempt.proof.mechanism,
  rawUser: attempt.rawUser,
  client: attempt.client.ip,
  ordinal: attempt.ordinal,
  tls: attempt.tls !== undefined,
});

export type LineFields = Readonly<Record<string, string | number | boolean | undefined>>;

const maxUser = 128;

/** Rule 68: who asked for whom, how it ended, who decided it, how long it took. Never anything that was offered as proof. */
export const decisionLine = (asker: Asker, outcome: Outcome, encoded: Encoded, door: DoorName): LineFields => {
  const user = outcome.attempt?.user ?? asker.rawUser;
  const raw = asker.rawUser === user ? undefined : asker.rawUser;
  return {
    id: outcome.attempt?.id,
    ...askedFields(asker, door),
    user: shown(user),
    raw: shown(raw),
    outcome: encoded.sent,
    verdict: outcome.verdict.kind,
    store: deciding(outcome.steps, 'store', outcome.verdict.kind),
    policy: ownWord(outcome),
    router: deciding(outcome.steps, 'router', 'placed'),
    backend: outcome.placement?.backend,
    why: encoded.sent === 'placed' ? undefined : why(outcome, encoded),
    ms: rounded(outcome.tookMs),
  };
};

/** The line for what was denied before anybody was asked. `why` must hold nothing of what was received. */
export const refusalLine = (asker: Asker, encoded: Encoded, door: DoorName, why: string): LineFields => ({
  ...askedFields(asker, door),
  user: shown(asker.rawUser),
  outcome: encoded.sent,
  why,
  ms: 0,
});

const askedFields = ({ protocol, mechanism, client, ordinal, tls }: Asker, door: DoorName): LineFields => ({
  door,
  protocol,
  method: mechanism,
  client,
  attempt: ordinal,
  tls,
});

const shown = (user: string | undefined): string | undefined => (user === undefined ? undefined : plainText(user, maxUser));

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/** The instance whose answer counted: the last that said what came out, or else the last that was asked. */
const deciding = (steps: readonly Step[], stage: Stage, counted: string): string | undefined => {
  const asked = steps.filter((step) => step.stage === stage && step.instance !== undefined);
  return (asked.findLast((step) => step.outcome === counted) ?? asked.at(-1))?.instance;
};

/** The policy that answered where no store did: a throttle that limits, a cache that remembers. Inner ones stand before outer ones. */
const ownWord = ({ steps, verdict: { kind } }: Outcome): string | undefined => {
  if (steps.some(({ stage, outcome }) => stage === 'store' && outcome === kind)) return undefined;
  return steps.find(({ stage, outcome }) => stage === 'policy' && outcome === kind)?.instance;
};

/** One sentence; the kernel has taken the client's secrets out of it. Who somebody is, is no reason. */
const why = (outcome: Outcome, encoded: Encoded): string | undefined => {
  const text = encoded.why ?? outcome.steps.findLast((step) => step.detail !== undefined && step.outcome !== 'user')?.detail;
  return text === undefined ? undefined : plainText(text, 500);
};
