import type { ConfigPath } from '@postern/contract';
import type { z } from 'zod';
import { didYouMean } from './nearest.js';
import type { Problem } from './problem-list.js';
import { unknownKey } from './unknown-key.js';
import { foundWord, expectedWord } from './value-words.js';
import { valueAt } from './value-at.js';

type Issue = z.core.$ZodIssue;

/** What issues are told with. */
export interface IssueContext {
  /** What was checked, as it was written. */
  readonly input: unknown;
  /** Where it stands in the file. */
  readonly base: ConfigPath;
  /** Keys that may stand in the mapping at a path within the input. */
  readonly keysAt: (path: ConfigPath) => readonly string[];
}

/** zod's default; anything else on a union was written for this very place and says it better than its branches. */
const plainUnion = 'Invalid input';

/** Says in our words what zod found. Values that were read are never repeated: they may be secrets. */
export const zodProblems = (issues: readonly Issue[], context: IssueContext): readonly Problem[] =>
  issues.flatMap((issue) => problemsOf(issue, [], context));

const problemsOf = (issue: Issue, above: ConfigPath, context: IssueContext): readonly Problem[] => {
  const inner = [...above, ...configPath(issue.path)];
  const path = [...context.base, ...inner];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, context.keysAt(inner)));
    case 'invalid_union':
      return unionProblems(issue, inner, context);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((nested) =>
        issue.code === 'invalid_key'
          ? [{ code: 'bad-value', path, message: `as a key: ${sentence(nested)}`, at: 'key' } as const]
          : problemsOf(nested, inner, context),
      );
    case 'invalid_type':
      return [typeProblem(issue, inner, context)];
    case 'invalid_value':
      return [wordProblem(issue.values, inner, context)];
    default:
      return [{ code: 'bad-value', path, message: sentence(issue) }];
  }
};

const configPath = (path: readonly PropertyKey[]): ConfigPath =>
  path.map((step) => (typeof step === 'symbol' ? (step.description ?? '') : step));

const typeProblem = (issue: Extract<Issue, { code: 'invalid_type' }>, inner: ConfigPath, { base, input }: IssueContext): Problem => {
  const path = [...base, ...inner];
  const value = valueAt(input, inner);
  if (value === undefined && inner.length > 0) return { code: 'missing-key', path, message: 'is required' };
  const message = `expected ${expectedWord(issue.expected)}, found ${foundWord(value)}`;
  if (value === null) return { code: 'bad-value', path, message, hint: 'Write a value, or leave the key out.' };
  const quotes = issue.expected === 'string' && typeof value !== 'object';
  return { code: 'bad-value', path, message, hint: quotes ? 'Put it in quotes to make it a text.' : '' };
};

const wordProblem = (values: readonly unknown[], inner: ConfigPath, { base, input }: IssueContext): Problem => {
  const path = [...base, ...inner];
  const value = valueAt(input, inner);
  if (value === undefined && inner.length > 0) return { code: 'missing-key', path, message: 'is required' };
  const words = values.map(String);
  const message = words.length === 1 ? `expected ${words.join('')}` : `expected one of ${words.join(', ')}`;
  return { code: 'bad-value', path, message, hint: typeof value === 'string' ? didYouMean(value, words) : '' };
};

const unionProblems = (issue: Extract<Issue, { code: 'invalid_union' }>, inner: ConfigPath, context: IssueContext): readonly Problem[] => {
  const path = [...context.base, ...inner];
  if (valueAt(context.input, inner) === undefined && inner.length > 0) return [{ code: 'missing-key', path, message: 'is required' }];
  if (issue.message !== plainUnion) return [{ code: 'bad-value', path, message: issue.message }];
  const branch = likeliest(issue.errors);
  if (branch !== undefined) return branch.flatMap((nested) => problemsOf(nested, inner, context));
  const expected = issue.errors.flat().flatMap((nested) => (nested.code === 'invalid_type' ? [expectedWord(nested.expected)] : []));
  const wanted = [...new Set(expected)].join(' or ');
  const found = foundWord(valueAt(context.input, inner));
  return [
    { code: 'bad-value', path, message: wanted === '' ? 'is none of the forms that are known here' : `expected ${wanted}, found ${found}` },
  ];
};

/** The branch of a union that was meant: the value has its type, and the fewest mistakes. */
const likeliest = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined => {
  const fitting = branches.filter((issues) => issues.length > 0 && !issues.some((issue) => isAtRoot(issue, 'invalid_type')));
  const within = fitting.filter((issues) => !issues.some((issue) => isAtRoot(issue, 'invalid_value')));
  return (within.length > 0 ? within : fitting).toSorted((one, other) => one.length - other.length)[0];
};

const isAtRoot = ({ code, path }: Issue, wanted: Issue['code']): boolean => code === wanted && path.length === 0;

const sentence = (issue: Issue): string => {
  switch (issue.code) {
    case 'too_small':
      return sizeSentence(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return sizeSentence(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_type':
      return `expected ${expectedWord(issue.expected)}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
};

const sizeSentence = (origin: string, than: string, size: number | bigint): string => {
  const plural = size === 1 ? '' : 's';
  if (origin === 'string') return size === 1 && than === 'at least' ? 'must not be empty' : `must have ${than} ${size} character${plural}`;
  if (origin === 'array')
    return size === 1 && than === 'at least' ? 'must not be empty' : `must have ${than} ${size} ${plural === '' ? 'entry' : 'entries'}`;
  return `must be ${than} ${size}`;
};
