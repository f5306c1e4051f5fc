import { domainToUnicode } from 'node:url';
import { asciiDomain } from '@postern/contract';
import type { Pattern } from './pattern.js';
import type { Rule } from './routes.js';

/** What the rules say of one domain. `by`: the expression that made the name out of the domain. */
export interface Match {
  readonly backend: string;
  readonly by?: Pattern;
}

/** All rules, in the order of asking: exact, longest suffix, expressions. */
export class Rules {
  readonly #exact = new Map<string, Match>();
  readonly #suffixes = new Map<string, Match>();
  readonly #patterns: Pattern[] = [];
  /** Labels of the longest suffix: deeper ones need no look, however many labels a client sends. */
  #deepest = 0;

  constructor(rules: Iterable<Rule>) {
    for (const rule of rules) this.#add(rule);
  }

  /** `domain` as it stands in a login, in either form; what is no domain name has no rule. */
  match(domain: string): Match | undefined {
    const ascii = asciiDomain(domain);
    if (ascii === undefined) return undefined;
    return this.#exact.get(ascii) ?? this.#longestSuffix(ascii) ?? this.#firstPattern(ascii);
  }

  #add(rule: Rule): void {
    switch (rule.kind) {
      case 'exact':
        this.#exact.set(rule.domain, { backend: rule.backend });
        return;
      case 'suffix':
        this.#suffixes.set(rule.domain, { backend: rule.backend });
        this.#deepest = Math.max(this.#deepest, rule.domain.split('.').length);
        return;
      case 'pattern':
        this.#patterns.push(rule.pattern);
    }
  }

  #longestSuffix(domain: string): Match | undefined {
    let longest: Match | undefined;
    let dot = domain.length;
    for (let labels = 1; labels <= this.#deepest; labels += 1) {
      dot = domain.lastIndexOf('.', dot - 1);
      if (dot <= 0) break;
      longest = this.#suffixes.get(domain.slice(dot + 1)) ?? longest;
    }
    return longest;
  }

  #firstPattern(ascii: string): Match | undefined {
    if (this.#patterns.length === 0) return undefined;
    const unicode = (ascii.includes('xn--') && domainToUnicode(ascii)) || ascii;
    for (const pattern of this.#patterns) {
      const backend = pattern.nameFor(ascii) ?? (unicode === ascii ? undefined : pattern.nameFor(unicode));
      if (backend !== undefined) return { backend, by: pattern };
    }
    return undefined;
  }
}
