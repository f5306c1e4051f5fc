import { asciiDomain } from '@postern/contract';
import { capturesOf, countCaptures, Pattern } from './pattern.js';

/** One line of `routes`, understood. */
export type Rule =
  | { readonly kind: 'exact' | 'suffix'; readonly domain: string; readonly backend: string }
  | { readonly kind: 'pattern'; readonly pattern: Pattern; readonly backend: string };

/** Why a line of `routes` cannot be used. */
export interface Misfit {
  readonly kind: 'misfit';
  readonly message: string;
  readonly hint: string;
}

/** Reads one line: `key` is a domain, `*.domain` or `/expression/`. */
export const readRule = (key: string, backend: string): Rule | Misfit => {
  if (key.startsWith('/')) return readPattern(key, backend);
  if (backend.includes('$')) return misfit(`${backend} uses a capture, but ${key} has none`, 'Only /expressions/ have captures.');
  const suffix = key.startsWith('*.');
  const domain = asciiDomain(suffix ? key.slice(2) : key);
  return domain === undefined ? misfit(`${key} is no domain`, hintFor(key)) : { kind: suffix ? 'suffix' : 'exact', domain, backend };
};

const misfit = (message: string, hint: string): Misfit => ({ kind: 'misfit', message, hint });

const hintFor = (key: string): string => {
  if (key === '*') return 'For everybody else there is `default`.';
  if (key.includes('@')) return 'Routes are by domain; for single users use the router `table`.';
  if (key.startsWith('.')) return `For all domains below it write *${key}.`;
  if (/[\\^$()|+?[\]]/.test(key)) return 'Regular expressions stand between slashes: /^…$/.';
  return 'Write example.org, *.example.org or /^expression$/.';
};

const readPattern = (key: string, backend: string): Rule | Misfit => {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(key) ?? [];
  if (source === undefined) return misfit(`${key} has no closing slash`, 'Regular expressions stand between slashes: /^…$/.');
  if (flags !== '') return misfit(`${key} has flags`, 'Leave them out: domains are compared in lower case, expressions ignore case.');
  const expression = compile(source);
  if (typeof expression === 'string') return misfit(`${key} is no regular expression: ${expression}`, 'JavaScript’s rules hold.');
  if (runsAway(source)) {
    return misfit(`${key} repeats a repetition, which may take for ever`, 'Take one of the two away: (a+)+ matches what a+ matches.');
  }
  return checkCaptures(key, expression, backend) ?? { kind: 'pattern', pattern: new Pattern(key, expression, backend), backend };
};

/** Case is ignored for the operator's sake: an expression with capitals would otherwise never match. */
const compile = (source: string): RegExp | string => {
  try {
    return new RegExp(source, 'i');
  } catch (error) {
    return (error as Error).message.replace(/^.*: /s, '');
  }
};

/** One repeated thing in a repeated group, `(\w+)*`: exponential in the length of a domain that nearly matches. */
const runsAway = (source: string): boolean =>
  /\((?:\?:|\?<\w+>)?(?:\[(?:[^\]\\]|\\.)*\]|\\.|[^()\\[\]])(?:[+*]|\{\d+,\d*\})\)(?:[+*]|\{\d+,\d*\})/.test(source);

const checkCaptures = (key: string, expression: RegExp, backend: string): Misfit | undefined => {
  const there = countCaptures(expression);
  const missing = capturesOf(backend).find((capture) => capture > there);
  if (missing !== undefined)
    return misfit(`${backend} uses $${missing}, but ${key} has ${there} captures`, 'Captures are what stands in (round brackets).');
  if (!/\$(?![1-9](?!\d))/.test(backend)) return undefined;
  return misfit(`${backend} holds a $ that is no capture`, 'Captures are $1 to $9, and no digit may follow them.');
};
