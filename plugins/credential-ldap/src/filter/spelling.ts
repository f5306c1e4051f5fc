import type { TemplateVariable } from '@postern/contract';
import type { Entry } from '../directory-types.js';
import { folded, type Names } from '../names.js';
import type { FilterTemplate } from './parse.js';
import type { ValueTemplate } from './value-template.js';

interface Clause {
  readonly attribute: string;
  readonly value: ValueTemplate;
}

/** Variables that name the person. That the domain or the protocol is spelt alike shows nobody. */
const naming: readonly TemplateVariable[] = ['user', 'local'];

/** Comparisons for equality with a name that was typed, wherever they stand in the filter. */
const clausesOf = (filter: FilterTemplate): readonly Clause[] => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(clausesOf);
    case 'equal':
      return filter.value.variables.some((variable) => naming.includes(variable)) ? [filter] : [];
    case 'not':
    case 'present':
    case 'substring':
    case 'extensible':
    case 'at-least':
    case 'at-most':
    case 'approximate':
      return [];
  }
};

/**
 * Whether an entry was found under the name that was typed, letter by letter, and not under one that the directory takes for the
 * same: full-width letters, double spaces, in Active Directory accents too. Such a twin would be counted, cached and placed as
 * another user with the same password. Attributes that may be searched and not read decide nothing.
 */
export class Spelling {
  readonly #clauses: readonly Clause[];

  constructor(filter: FilterTemplate) {
    this.#clauses = clausesOf(filter);
  }

  /** What the search must bring along. */
  get attributes(): readonly string[] {
    return this.#clauses.map((clause) => clause.attribute);
  }

  holds(entry: Entry, names: Names): boolean {
    const told = this.#clauses.flatMap(({ attribute, value }) => {
      const values = entry.values(attribute);
      return values.length === 0 ? [] : [{ values, typed: folded(value.render(names).toString('utf8')) }];
    });
    return told.length === 0 || told.some(({ values, typed }) => values.some((each) => folded(each.toString('utf8')) === typed));
  }
}
