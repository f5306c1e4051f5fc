import type { RawAttempt } from '@postern/auth-http';
import type {
  Account,
  BackendRouter,
  Clock,
  CredentialStore,
  Log,
  LogFields,
  LoginAttempt,
  Lookup,
  Mechanism,
  Proof,
  Routing,
  Verdict,
} from '@postern/contract';
import { mechanisms } from '@postern/contract';
import { Condition, type WhenConfig } from '../../src/answer/condition.js';
import { Identity } from '../../src/answer/identity.js';
import { Pipeline, type PipelineParts } from '../../src/answer/pipeline.js';
import { Placer } from '../../src/answer/placement.js';
import type { Seat, StepOverrides, StoreSeat } from '../../src/answer/seat.js';

/** Time that moves only when told to. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Lets `ms` pass, timer by timer, with everything that follows from each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; run: () => void } | undefined {
    return this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets all promises that can settle do so. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export class MemoryLog implements Log {
  readonly lines: LogLine[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }

  /** Lines that an operator sees by default. */
  get loud(): readonly LogLine[] {
    return this.lines.filter(({ level }) => level !== 'debug');
  }
}

export const plain = (password: string): Proof => ({ mechanism: 'plain', password, bytes: Buffer.from(password) });

const proofs: Readonly<Record<Mechanism, Proof>> = {
  plain: plain('right'),
  apop: { mechanism: 'apop', salt: '<1.2@x>', digest: '0'.repeat(32) },
  'cram-md5': { mechanism: 'cram-md5', salt: '<1.2@x>', digest: '0'.repeat(32) },
  external: {
    mechanism: 'external',
    certificate: { subject: 'emailAddress=cert@example.org,CN=Cert', issuer: 'CN=CA', serial: '01', fingerprint: 'ab'.repeat(20) },
  },
  none: { mechanism: 'none', from: 'sender@elsewhere.net', to: 'alice@example.org', helo: 'mx.elsewhere.net' },
  xoauth2: { mechanism: 'xoauth2', token: 'token-token' },
  oauthbearer: { mechanism: 'oauthbearer', token: 'token-token' },
};

export const proofOf = (mechanism: Mechanism): Proof => proofs[mechanism];

export const rawAttempt = (parts: Partial<RawAttempt> = {}): RawAttempt => ({
  rawUser: 'alice@example.org',
  proof: proofs.plain,
  protocol: 'imap',
  client: { ip: '192.0.2.7' },
  tls: {},
  ordinal: 1,
  ...parts,
});

/** An attempt without TLS. */
export const clearText: RawAttempt = {
  rawUser: 'alice@example.org',
  proof: proofs.plain,
  protocol: 'imap',
  client: { ip: '192.0.2.7' },
  ordinal: 1,
};

/** What a login is told: the denial, or `placed`. */
export const denialOf = (answer: { kind: string; denial?: string }): string => answer.denial ?? answer.kind;

export const attemptFor = (parts: Partial<LoginAttempt> = {}): LoginAttempt => ({
  id: 'test-1',
  user: 'alice@example.org',
  ...rawAttempt(),
  ...parts,
});

export const accountOf = (user = 'alice@example.org', more: Partial<Account> = {}): Account => ({ user, attributes: {}, ...more });

export const accepted = (user?: string): Verdict => ({ kind: 'accepted', account: accountOf(user) });

export const always = Condition.from(undefined);

type Answering = (attempt: LoginAttempt, signal: AbortSignal) => Promise<Verdict>;

export interface FakeStore extends CredentialStore {
  readonly asked: LoginAttempt[];
  readonly looked: string[];
}

export const fakeStore = (
  answer: Verdict | Answering,
  more: { knowsUsers?: boolean; mechanisms?: readonly Mechanism[]; lookup?: Lookup | (() => Promise<Lookup>) } = {},
): FakeStore => {
  const asked: LoginAttempt[] = [];
  const looked: string[] = [];
  const { knowsUsers = true, mechanisms = ['plain'], lookup } = more;
  return {
    asked,
    looked,
    abilities: { mechanisms, knowsUsers },
    async verify(attempt, signal) {
      asked.push(attempt);
      return typeof answer === 'function' ? answer(attempt, signal) : answer;
    },
    ...(lookup !== undefined && {
      async lookup(user: string) {
        looked.push(user);
        return typeof lookup === 'function' ? lookup() : lookup;
      },
    }),
  };
};

/** Accepts everybody, whatever the mechanism, and finds alice. */
export const good = (): FakeStore => fakeStore(accepted(), { mechanisms, lookup: { kind: 'found', account: accountOf() } });

export const storeSeat = (name: string, instance: CredentialStore, on: StepOverrides = {}, when?: WhenConfig): StoreSeat => ({
  name,
  instance,
  on,
  when: Condition.from(when),
});

/** A store that knows its users and always says the same. */
export const knowing = (name: string, verdict: Verdict, on: StepOverrides = {}): StoreSeat => storeSeat(name, fakeStore(verdict), on);

export const seat = <T>(name: string, instance: T, when?: WhenConfig): Seat<T> => ({ name, instance, when: Condition.from(when) });

export const never = <T>(): Promise<T> => new Promise(() => undefined);

export const routerTo = (...names: string[]): BackendRouter => ({
  locate: async () => ({ kind: 'placed', backends: names.map((name) => ({ kind: 'named', name })) }),
});

export const routerSaying = (routing: Routing): BackendRouter => ({ locate: async () => routing });

/** Every backend is up and at 192.0.2.1. */
export const openPlacer = (log: Log): Placer =>
  new Placer({
    log,
    backends: {
      standing: () => 'up',
      resolve: async (ref, protocol) => ({
        kind: 'known',
        backend: ref.kind === 'named' ? ref.name : ref.host,
        host: 'mail.internal',
        address: '192.0.2.1',
        port: { imap: 143, pop3: 110, smtp: 25 }[protocol],
      }),
    },
  });

export interface Bench {
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  readonly pipeline: Pipeline;
}

/** A pipeline with one backend and whatever else is given. */
export const pipelineOf = (parts: Partial<PipelineParts> = {}): Bench => {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const pipeline = new Pipeline({
    identity: new Identity({}),
    stores: [],
    policies: [],
    routers: [seat('hash', routerTo('mail-a'))],
    placer: openPlacer(log),
    deadlineMs: 5000,
    requireTls: false,
    none: undefined,
    clock,
    log,
    ...parts,
  });
  return { clock, log, pipeline };
};
