import type { Comparison, Filter } from './filter.js';
import { ValueTemplate } from './value-template.js';

/** A filter as it stands in the config. */
export type FilterTemplate = Filter<ValueTemplate>;

// RFC 4512 section 1.4 and 2.5: a name or a number with dots, then options.
const attributePattern = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*$/;
const rulePattern = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/;
const comparisons: readonly (readonly [sign: string, kind: Comparison])[] = [
  ['>=', 'at-least'],
  ['<=', 'at-most'],
  ['~=', 'approximate'],
  ['=', 'equal'],
];
const deepest = 50;

/**
 * Reads RFC 4515's text form with `{variables}` in its values. Ours and not ldapjs's parser, which sends escapes on as they are
 * written: `(cn=a\2ab)` would look for a backslash. Throws an `Error` that says where the text is wrong.
 */
export const parseFilter = (text: string): FilterTemplate => {
  const trimmed = text.trim();
  const reader = new FilterReader(trimmed.startsWith('(') ? trimmed : `(${trimmed})`);
  const filter = reader.filter(0);
  reader.end();
  return filter;
};

class FilterReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  filter(depth: number): FilterTemplate {
    if (depth > deepest) throw new Error('it is nested too deeply');
    this.#take('(');
    const filter = this.#inner(depth);
    this.#take(')');
    return filter;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#trouble('something stands after its end');
  }

  #inner(depth: number): FilterTemplate {
    const sign = this.#text.charAt(this.#at);
    if (sign === '!') {
      this.#at += 1;
      return { kind: 'not', filter: this.filter(depth + 1) };
    }
    if (sign !== '&' && sign !== '|') return this.#item();
    this.#at += 1;
    const filters: FilterTemplate[] = [];
    for (this.#space(); this.#text.charAt(this.#at) === '('; this.#space()) filters.push(this.filter(depth + 1));
    if (filters.length === 0) throw this.#trouble(`nothing stands after ${sign}`);
    return { kind: sign === '&' ? 'and' : 'or', filters };
  }

  #item(): FilterTemplate {
    const end = this.#text.indexOf(')', this.#at);
    if (end < 0) throw this.#trouble('a ) is missing');
    const item = this.#text.slice(this.#at, end);
    try {
      const filter = parseItem(item);
      this.#at = end;
      return filter;
    } catch (error) {
      throw this.#trouble((error as Error).message);
    }
  }

  #space(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #take(sign: string): void {
    this.#space();
    if (this.#text.charAt(this.#at) !== sign) throw this.#trouble(`a ${sign} is missing`);
    this.#at += 1;
  }

  #trouble(what: string): Error {
    return new Error(`${what}, at character ${this.#at + 1} of the filter ${this.#text}`);
  }
}

const parseItem = (item: string): FilterTemplate => {
  const equals = item.indexOf('=');
  if (equals < 0) throw new Error('there is no =');
  if (item.charAt(equals - 1) === ':') return extensible(item.slice(0, equals - 1), item.slice(equals + 1));
  const [sign, kind] = comparisons.find(([each]) => item.slice(0, equals + 1).endsWith(each)) ?? ['=', 'equal' as const];
  const attribute = attributeIn(item.slice(0, equals + 1 - sign.length));
  const value = item.slice(equals + 1);
  if (kind === 'equal' && !value.includes('*')) return { kind, attribute, value: ValueTemplate.parse(value) };
  if (kind !== 'equal') return { kind, attribute, value: textTemplate(value) };
  return value === '*' ? { kind: 'present', attribute } : substring(attribute, value);
};

const substring = (attribute: string, value: string): FilterTemplate => {
  const pieces = value.split('*').map((piece) => (piece === '' ? undefined : textTemplate(piece)));
  const [initial, final] = [pieces.at(0), pieces.at(-1)];
  const any = pieces.slice(1, -1).flatMap((piece) => (piece === undefined ? [] : [piece]));
  if (initial === undefined && final === undefined && any.length === 0) throw new Error('nothing stands between the stars');
  return { kind: 'substring', attribute, any, ...(initial === undefined ? {} : { initial }), ...(final === undefined ? {} : { final }) };
};

/** `attribute:dn:rule:=value`; the attribute or the rule may be missing, not both. */
const extensible = (head: string, value: string): FilterTemplate => {
  const [first = '', ...rest] = head.split(':');
  const wholeDn = rest[0]?.toLowerCase() === 'dn';
  const [rule, ...more] = wholeDn ? rest.slice(1) : rest;
  if (more.length > 0 || (rule !== undefined && !rulePattern.test(rule))) throw new Error('no matching rule stands before :=');
  if (first === '' && rule === undefined) throw new Error('neither an attribute nor a matching rule stands before :=');
  return {
    kind: 'extensible',
    wholeDn,
    value: textTemplate(value),
    ...(first === '' ? {} : { attribute: attributeIn(first) }),
    ...(rule === undefined ? {} : { rule }),
  };
};

const textTemplate = (text: string): ValueTemplate => {
  const value = ValueTemplate.parse(text);
  if (text === '') throw new Error('there is no value');
  if (!value.isText) throw new Error('bytes that are no UTF-8 can stand in comparisons for equality only');
  return value;
};

const attributeIn = (text: string): string => {
  const attribute = text.trim();
  if (!attributePattern.test(attribute)) throw new Error(`${JSON.stringify(attribute)} is no attribute's name`);
  return attribute;
};
