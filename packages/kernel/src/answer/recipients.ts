import { asciiDomain, type LoginAttempt, splitUser, type Verdict } from '@postern/contract';

/** The config's `nginx.none`: SMTP without a login. */
export interface RecipientRules {
  /** Domains that mail is taken for. */
  readonly domains: readonly string[];
  /** True: only recipients that a store finds. False: everybody in these domains, found or not. */
  readonly knownRecipients: boolean;
}

/**
 * Who may be written to without a login (rules 35 and 36). nginx asks once per connection, at its first recipient, and passes all later
 * ones to the same backend unseen: the backend must check each recipient itself.
 */
export class Recipients {
  readonly #domains: ReadonlySet<string>;
  readonly #knownOnly: boolean;

  /** Without rules mail is taken for nobody. */
  constructor(rules: RecipientRules | undefined) {
    this.#domains = new Set(rules?.domains.map((domain) => asciiDomain(domain) ?? domain));
    this.#knownOnly = rules?.knownRecipients ?? true;
  }

  /** Whether mail is taken for the domain of this canonical address. */
  accepts(user: string): boolean {
    return this.#domains.has(splitUser(user).domain);
  }

  /** The chain's verdict on the recipient, in the light of the rules. */
  settle(verdict: Verdict, attempt: LoginAttempt): Verdict {
    if (verdict.kind !== 'unknown-user' && verdict.kind !== 'unsupported') return verdict;
    if (!this.#knownOnly) return { kind: 'accepted', account: { user: attempt.user, attributes: {} } };
    if (verdict.kind === 'unknown-user') return verdict;
    return { kind: 'deferred', cause: new Error('nginx.none.knownRecipients is on, but no credential store can look users up') };
  }
}
