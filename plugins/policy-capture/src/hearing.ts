import type { Heard, LoginAttempt, VerdictKind } from '@postern/contract';

/** What the stores of the chain said to one login, seen from the two that matter here. */
export class Hearing {
  readonly attempt: LoginAttempt;
  readonly #heard: readonly Heard[];
  readonly #from: string;
  readonly #into: string;

  constructor(attempt: LoginAttempt, heard: readonly Heard[], { from, into }: { readonly from: string; readonly into: string }) {
    this.attempt = attempt;
    this.#heard = heard;
    this.#from = from;
    this.#into = into;
  }

  /** Which of the two accepted it; `another` for a third store, or for nobody. */
  get by(): 'from' | 'into' | 'another' {
    if (this.said('into') === 'accepted') return 'into';
    return this.said('from') === 'accepted' ? 'from' : 'another';
  }

  /** The old store was not asked about this password. */
  get rejectedByIntoAlone(): boolean {
    return this.attempt.proof.mechanism === 'plain' && this.said('into') === 'rejected' && this.said('from') === undefined;
  }

  /** The new store does not know the user, and the old one was not asked. */
  get leftToNobody(): boolean {
    return this.attempt.proof.mechanism === 'plain' && this.said('into') === 'unknown-user' && this.said('from') === undefined;
  }

  get intoDeferred(): boolean {
    return this.said('into') === 'deferred' && this.by !== 'into';
  }

  /** Its last word; undefined when it was not asked. */
  said(which: 'from' | 'into'): VerdictKind | undefined {
    const name = which === 'from' ? this.#from : this.#into;
    return this.#heard.findLast(({ store }) => store === name)?.kind;
  }
}
