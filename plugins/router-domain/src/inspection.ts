import type { Advice, Inspection } from '@postern/contract';
import type { DomainConfig } from './config.js';
import { capturesOf } from './pattern.js';
import { readRule, type Misfit, type Rule } from './routes.js';

/** Whether the backend's name is made out of the domain. */
const isComposed = (rule: Rule): boolean => rule.kind === 'pattern' && capturesOf(rule.backend).length > 0;

/** What can be said of a config at boot. */
export const inspectRoutes = (config: DomainConfig): Inspection => {
  const read = [...config.routes].map(([key, backend]) => ({ key, rule: readRule(key, backend) }));
  const named = read.flatMap(({ key, rule }) =>
    rule.kind === 'misfit' || isComposed(rule) ? [] : [{ name: rule.backend, path: ['routes', key] }],
  );
  return {
    backends: config.default === undefined ? named : [...named, { name: config.default, path: ['default'] }],
    namesBackendsAtRunTime: read.some(({ rule }) => rule.kind !== 'misfit' && isComposed(rule)),
    advice: [...adviceOnNothing(config), ...read.flatMap(({ key, rule }) => adviceOn(key, rule)), ...adviceOnTwins(read)],
  };
};

const adviceOnNothing = (config: DomainConfig): Advice[] => {
  if (config.routes.size > 0 || config.default !== undefined) return [];
  return [
    {
      path: [],
      severity: 'error',
      message: 'there is neither a route nor a default',
      hint: 'Give `routes`, for example { example.org: mail-a }.',
    },
  ];
};

const adviceOn = (key: string, rule: Rule | Misfit): Advice[] => {
  const path = ['routes', key];
  if (rule.kind === 'misfit') return [{ path, severity: 'error', message: rule.message, hint: rule.hint }];
  if (rule.kind !== 'pattern') return [];
  const advice: Advice[] = [];
  if (!/^\/\^.*\$\/$/s.test(key)) {
    const message = `${key} is not bound to both ends, so it also matches within longer domains`;
    advice.push({ path, severity: 'warning', message, hint: 'Begin it with ^ and end it with $.' });
  }
  if (/\([^()]*[+*}][^()]*\)(?:[+*]|\{)/.test(key)) {
    const message = `${key} repeats a group that holds a repetition, which can be slow for domains that nearly match`;
    advice.push({
      path,
      severity: 'warning',
      message,
      hint: 'Make sure that each round of the group begins with something it cannot end with, such as a dot.',
    });
  }
  return advice;
};

/** Two spellings of one domain: which of them holds would hang on the order. */
const adviceOnTwins = (read: readonly { readonly key: string; readonly rule: Rule | Misfit }[]): Advice[] => {
  const first = new Map<string, string>();
  return read.flatMap(({ key, rule }): Advice[] => {
    if (rule.kind !== 'exact' && rule.kind !== 'suffix') return [];
    const canonical = `${rule.kind === 'suffix' ? '*.' : ''}${rule.domain}`;
    const twin = first.get(canonical);
    if (twin === undefined) {
      first.set(canonical, key);
      return [];
    }
    return [{ path: ['routes', key], severity: 'error', message: `${key} and ${twin} are the same domain`, hint: 'Keep one of the two.' }];
  });
};
