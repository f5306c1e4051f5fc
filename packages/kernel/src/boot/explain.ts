import { canonicalIp, clientText, Encoder, headBytes, type HeaderField, type RawAttempt } from '@postern/auth-http';
import type { LoginAttempt, Protocol, Role, Verdict } from '@postern/contract';
import { Condition } from '../answer/condition.js';
import { Identity } from '../answer/identity.js';
import type { Outcome } from '../answer/outcome.js';
import type { Step } from '../answer/step.js';
import type { Generation } from './generation.js';
import type { ResolvedUse } from './resolved-config.js';
import { redacted, scrubber, secretValues } from './secrets.js';

export interface ExplainQuestion {
  readonly user: string;
  /** Default `imap`. */
  readonly protocol?: Protocol;
  /** Default `127.0.0.1`. */
  readonly clientIp?: string;
  /** Without one, the stores are asked who the user is and not whether a proof is right, and only policies that can rehearse are asked. */
  readonly password?: string;
  /** Whether the client is taken to use TLS. Default true. */
  readonly tls?: boolean;
}

/** One entry of the plugin list, and whether this login would come to it. */
export interface ExplainedInstance {
  readonly name: string;
  readonly use: string;
  readonly role: Role;
  /** One in the shadow is never asked here. */
  readonly mode: 'answer' | 'shadow' | 'off';
  /** The condition as it is configured; absent: always. */
  readonly when?: unknown;
  /** Absent when there is no canonical user to match. */
  readonly matched?: boolean;
}

/** One login, dry. Plain data, fit for `--json`; holds no secret. */
export interface Explanation {
  readonly user: { readonly raw: string; readonly canonical?: string };
  readonly protocol: Protocol;
  readonly client: { readonly ip: string; readonly tls: boolean };
  readonly proof: 'password' | 'none';
  readonly instances: readonly ExplainedInstance[];
  readonly steps: readonly Step[];
  readonly verdict: { readonly kind: Verdict['kind']; readonly why?: string };
  readonly account?: { readonly user: string; readonly attributes: Readonly<Record<string, string>> };
  /** `password`: `[secret]` when one other than the typed one is sent. */
  readonly placement?: {
    readonly backend: string;
    readonly address: string;
    readonly port: number;
    readonly user?: string;
    readonly password?: string;
  };
  readonly reply: {
    readonly sent: string;
    readonly headers: readonly HeaderField[];
    /** Of the whole head. nginx reads at most 1024. */
    readonly bytes: number;
    /** Why a placement could not be said. */
    readonly why?: string;
  };
  /** Whether nginx would be told `OK`. */
  readonly letIn: boolean;
  /** The line that the mail client would read. */
  readonly clientReads: string;
  readonly tookMs: number;
}

/** Runs one login through a generation that has started, and tells everything about it. */
export const explainLogin = async (generation: Generation, question: ExplainQuestion): Promise<Explanation> => {
  const raw = rawAttempt(question);
  const outcome = await generation.answer(raw, question.password === undefined ? 'lookup' : 'trial');
  const { core, plugins } = generation.config;
  const { attempts, digestWait } = core.nginx;
  const encoded = new Encoder({ ...attempts, digestWait }).encode(outcome.answer);
  const explanation: Explanation = {
    user: { raw: question.user, ...(outcome.attempt !== undefined && { canonical: outcome.attempt.user }) },
    protocol: raw.protocol,
    client: { ip: raw.client.ip, tls: raw.tls !== undefined },
    proof: question.password === undefined ? 'none' : 'password',
    instances: plugins.map((use) => explainedInstance(use, outcome.attempt, new Identity(core.identity))),
    steps: outcome.steps,
    verdict: explainedVerdict(outcome.verdict),
    ...accountOf(outcome),
    ...placementOf(outcome),
    reply: {
      sent: encoded.sent,
      headers: encoded.headers.map(([name, value]) => [name, name === 'Auth-Pass' ? redacted : value]),
      bytes: headBytes(encoded.headers),
      ...(encoded.why !== undefined && { why: encoded.why }),
    },
    letIn: encoded.sent === 'placed',
    clientReads: clientText(encoded.headers, raw.protocol),
    tookMs: outcome.tookMs,
  };
  return withoutSecrets(explanation, generation, question);
};

const rawAttempt = ({ user, protocol = 'imap', clientIp = '127.0.0.1', password = '', tls = true }: ExplainQuestion): RawAttempt => ({
  rawUser: user,
  proof: { mechanism: 'plain', password, bytes: Buffer.from(password) },
  protocol,
  client: { ip: canonicalIp(clientIp) ?? clientIp },
  ...(tls && { tls: {} }),
  ordinal: 1,
});

const explainedInstance = (
  { name, use, plugin: { role }, mode, when }: ResolvedUse,
  attempt: LoginAttempt | undefined,
  identity: Identity,
): ExplainedInstance => ({
  ...{ name, use, role, mode },
  ...(when !== undefined && { when }),
  ...(attempt !== undefined && { matched: mode !== 'off' && Condition.from(when, identity).matches(attempt) }),
});

const explainedVerdict = (verdict: Verdict): Explanation['verdict'] =>
  verdict.kind === 'refused' ? { kind: verdict.kind, why: verdict.why } : { kind: verdict.kind };

/** Attributes may be columns of a table that also holds passwords. */
const secretName = /pass|secret|token|hash|credential/i;

const accountOf = ({ account }: Outcome): Pick<Explanation, 'account'> => {
  if (account === undefined) return {};
  const shown = Object.entries(account.attributes).map(([name, value]) => [name, secretName.test(name) ? redacted : value] as const);
  return { account: { user: account.user, attributes: Object.fromEntries(shown) } };
};

const placementOf = ({ placement }: Outcome): Pick<Explanation, 'placement'> => {
  if (placement === undefined) return {};
  const { password, ...shown } = placement;
  return { placement: password === undefined ? shown : { ...shown, password: redacted } };
};

const withoutSecrets = (explanation: Explanation, { config }: Generation, { password = '' }: ExplainQuestion): Explanation => {
  const known = [config.core, ...config.plugins.map(({ options }) => options)].flatMap((part) => secretValues(part));
  const scrub = scrubber([...known, password]);
  const { steps, ...rest } = explanation;
  return { ...rest, steps: steps.map((step) => (step.detail === undefined ? step : { ...step, detail: scrub(step.detail) })) };
};
