import { splitUser, type Account, type BackendRouter, type Log, type Routing, type Services } from '@postern/contract';
import type { DomainConfig } from './config.js';
import { readRule, type Rule } from './routes.js';
import { Rules, type Match } from './rules.js';

/** Finds an account's backend by its domain. */
export class DomainRouter implements BackendRouter {
  readonly #rules: Rules;
  readonly #default: string | undefined;
  readonly #backends: Services['backends'];
  readonly #log: Log;

  /** Throws on a route that `inspect` calls an error; the host asks that first. */
  constructor(config: DomainConfig, services: Pick<Services, 'backends' | 'log'>) {
    this.#rules = new Rules(rulesOf(config));
    this.#default = config.default;
    this.#backends = services.backends;
    this.#log = services.log;
  }

  locate(account: Account): Promise<Routing> {
    const match = this.#rules.match(splitUser(account.user).domain);
    return Promise.resolve(match === undefined ? this.#elsewhere() : this.#at(match));
  }

  #elsewhere(): Routing {
    return this.#default === undefined ? { kind: 'homeless' } : placed(this.#default);
  }

  /** A name made out of a client's domain counts only if the operator declared it; it is never read as a host. */
  #at(match: Match): Routing {
    if (match.by === undefined || this.#backends.get(match.backend) !== undefined) return placed(match.backend);
    const cause = `${match.by.written} gives ${JSON.stringify(match.backend)}, which is not a declared backend`;
    this.#log.warn('a route names a backend that is not declared', { route: match.by.written, backend: match.backend });
    return { kind: 'deferred', cause: new Error(cause) };
  }
}

const placed = (name: string): Routing => ({ kind: 'placed', backends: [{ kind: 'named', name }] });

const rulesOf = ({ routes }: DomainConfig): Rule[] =>
  [...routes].map(([key, backend]) => {
    const rule = readRule(key, backend);
    if (rule.kind === 'misfit') throw new Error(rule.message);
    return rule;
  });
