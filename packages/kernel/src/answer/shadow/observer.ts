import {
  isOverload,
  type Clock,
  type Comparison,
  type Ledger,
  type Log,
  type Lookup,
  type NamedStore,
  type Verdict,
} from '@postern/contract';
import { causeText } from '../cause.js';
import type { Condition } from '../condition.js';
import { OutOfTime, withinTime } from '../deadline.js';
import { HeldBack } from '../guard/held-back.js';
import type { StoreAnswer } from '../journal.js';
import type { AccountDifference } from './account-difference.js';
import { answeredEvent, chainComparisons, kindOf, questionFor, type ShadowQuestion } from './comparing.js';
import { decidingOf, type ObservedLogin } from './observed-login.js';

/** A store that is asked when the client has its answer. */
export interface Shadow {
  readonly name: string;
  readonly when: Condition;
  readonly store: NamedStore;
  /** Comparisons with it at once; more are dropped. Its guard has limits of its own. */
  readonly most: number;
}

/** `busy`: it has too much to do. `down`: it keeps failing. `stopped`: this generation came to its end first. */
export type DropReason = 'busy' | 'down' | 'stopped';

/** Hears what becomes of the comparisons; must not throw. */
export interface ComparisonWatcher {
  compared(comparison: Comparison): void;
  /** A shadow has spoken, `ms` milliseconds after it was its turn to be asked. */
  asked(shadow: string, ms: number): void;
  dropped(shadow: string, why: DropReason): void;
}

export interface ObserverParts {
  readonly shadows: readonly Shadow[];
  readonly difference: Pick<AccountDifference, 'between'>;
  /** Milliseconds for one comparison; the store's own time-out goes before. */
  readonly deadlineMs: number;
  readonly ledger: Pick<Ledger, 'note'>;
  readonly watcher: ComparisonWatcher;
  readonly clock: Clock;
  readonly log: Log;
}

interface Comparing {
  readonly shadow: Shadow;
  readonly login: ObservedLogin;
  readonly deciding: StoreAnswer;
  readonly question: ShadowQuestion;
  readonly signal: AbortSignal;
}

/**
 * Writes down what stores said of a login and asks those in the shadow, when the client has its answer. Nothing of it can delay or change
 * one: what a shadow cannot take at once is dropped and counted.
 */
export class Observer {
  readonly #parts: ObserverParts;
  readonly #running = new Map<AbortController, Promise<void>>();
  /** Comparisons that are going on, by the shadow's name. */
  readonly #busy = new Map<string, number>();
  #arrived: ObservedLogin[] = [];
  #stopped = false;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  /** How many shadows are being asked. */
  get asking(): number {
    return this.#running.size;
  }

  /** Puts it by for the next turn of the event loop: the answer must leave first. */
  observe(login: ObservedLogin): void {
    if (login.answers.length === 0) return;
    this.#arrived.push(login);
    if (this.#arrived.length === 1) setImmediate(() => this.#takeAll());
  }

  /** Asks nobody any more, waits for those who are being asked at most `ms` milliseconds, then drops them. Never rejects. */
  async stop(ms: number): Promise<void> {
    this.#takeAll();
    this.#stopped = true;
    await withinTime(Promise.all(this.#running.values()), ms, this.#parts.clock, () => undefined).catch(() => undefined);
    for (const run of this.#running.keys()) run.abort(new OutOfTime(ms));
    await Promise.all(this.#running.values());
  }

  #takeAll(): void {
    const logins = this.#arrived;
    this.#arrived = [];
    for (const login of logins) {
      try {
        this.#take(login);
      } catch (cause) {
        this.#failed(cause, login);
      }
    }
  }

  #take(login: ObservedLogin): void {
    const { attempt, answers } = login;
    const deciding = decidingOf(answers);
    if (deciding === undefined) return;
    const event = answeredEvent(attempt.user, deciding);
    if (event !== undefined) this.#parts.ledger.note(event);
    for (const comparison of chainComparisons(attempt.user, answers, deciding)) this.#tell(comparison);
    for (const shadow of this.#parts.shadows) {
      if (!shadow.when.matches(attempt)) continue;
      const question = questionFor(deciding.verdict, attempt.proof.mechanism, shadow.store);
      if (question === undefined) continue;
      if (this.#stopped) this.#parts.watcher.dropped(shadow.name, 'stopped');
      else if ((this.#busy.get(shadow.name) ?? 0) >= shadow.most) this.#parts.watcher.dropped(shadow.name, 'busy');
      else this.#begin({ shadow, login, deciding, question });
    }
  }

  #begin(asked: Omit<Comparing, 'signal'>): void {
    const { clock, deadlineMs } = this.#parts;
    const run = new AbortController();
    this.#count(asked.shadow, 1);
    const callOff = clock.after(deadlineMs, () => run.abort(new OutOfTime(deadlineMs)));
    const done = this.#compare({ ...asked, signal: run.signal })
      .catch((cause: unknown) => this.#failed(cause, asked.login))
      .finally(() => {
        callOff();
        this.#count(asked.shadow, -1);
        this.#running.delete(run);
      });
    this.#running.set(run, done);
  }

  #count({ name }: Shadow, by: 1 | -1): void {
    this.#busy.set(name, (this.#busy.get(name) ?? 0) + by);
  }

  async #compare({ shadow, login, deciding, question, signal }: Comparing): Promise<void> {
    const { clock, watcher, log } = this.#parts;
    const { attempt } = login;
    const startedAt = clock.monotonic();
    const said = await put(question, shadow.store, login, signal);
    const otherMs = clock.monotonic() - startedAt;
    const dropped = said.kind === 'deferred' ? this.#dropped(said.cause, signal) : undefined;
    if (dropped !== undefined) return watcher.dropped(shadow.name, dropped);
    watcher.asked(shadow.name, otherMs);
    if (said.kind === 'deferred') {
      log.debug('a store in the shadow cannot tell', {
        instance: shadow.name,
        id: attempt.id,
        cause: causeText(said.cause, attempt.proof),
      });
    }
    const differing = await this.#differing(deciding.verdict, said, login, signal);
    const kind = differing.length > 0 ? 'attributes' : kindOf(deciding.verdict, said);
    const { store: answering, ms: answeringMs } = deciding;
    const comparison: Comparison = { user: attempt.user, answering, other: shadow.name, kind, differing, answeringMs, otherMs };
    // Whoever makes up names must not fill the ledger with them.
    const nobody = deciding.verdict.kind === 'unknown-user' && said.kind !== 'found';
    if (nobody) watcher.compared(comparison);
    else this.#tell(comparison);
  }

  async #differing(answering: Verdict, said: Verdict | Lookup, login: ObservedLogin, signal: AbortSignal): Promise<readonly string[]> {
    if (answering.kind !== 'accepted' || said.kind !== 'accepted') return [];
    return this.#parts.difference.between(answering.account, said.account, login, signal);
  }

  #dropped(cause: unknown, signal: AbortSignal): DropReason | undefined {
    if (isOverload(cause)) return 'busy';
    if (cause instanceof HeldBack) return 'down';
    return this.#stopped && signal.aborted ? 'stopped' : undefined;
  }

  #tell(comparison: Comparison): void {
    this.#parts.watcher.compared(comparison);
    this.#parts.ledger.note({ kind: 'compared', comparison });
  }

  #failed(cause: unknown, { attempt }: ObservedLogin): void {
    this.#parts.log.error('a login could not be compared', { id: attempt.id, cause: causeText(cause, attempt.proof) });
  }
}

const put = async (
  question: ShadowQuestion,
  store: NamedStore,
  { attempt }: ObservedLogin,
  signal: AbortSignal,
): Promise<Verdict | Lookup> => {
  if (question === 'verify') return store.verify({ ...attempt, unseen: true }, signal);
  return store.lookup === undefined ? { kind: 'unsupported' } : store.lookup(attempt.user, signal);
};
