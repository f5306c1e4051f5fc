import type { ConfigPath } from '@postern/contract';
import { type ConfigErrorCode, errorCodes, type Severity } from './error-codes.js';

export interface ProblemPlace {
  /** Absolute path of the config file. */
  readonly file?: string | undefined;
  /** Where in the config, for example `['plugins', 3, 'with', 'url']`; empty for the file as a whole. */
  readonly path: ConfigPath;
  /** Both from 1; absent where the file has no such place. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** One mistake of the operator. Holds no secret, whatever the config holds. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  readonly severity: Severity;
  readonly file: string | undefined;
  readonly path: ConfigPath;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What to do about it; empty when the message says it all. */
  readonly hint: string;

  constructor(code: ConfigErrorCode, place: ProblemPlace, message: string, hint = '') {
    super(message);
    this.code = code;
    this.severity = errorCodes[code].severity;
    this.file = place.file;
    this.path = place.path;
    this.line = place.line;
    this.column = place.column;
    this.hint = hint;
  }

  /** For `--json`. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { code, severity, file, line, column, message, hint } = this;
    return { code, severity, file, path: pathText(this.path), line, column, message, hint };
  }
}

/** `plugins[3].with.url`; keys that are no plain words are quoted. */
export const pathText = (path: ConfigPath): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');

/** Everything that was wrong at once. `problems` may hold warnings beside the errors. */
export class ConfigFailure extends Error {
  override readonly name = 'ConfigFailure';
  readonly problems: readonly ConfigError[];

  constructor(problems: readonly ConfigError[]) {
    super(problems.map((problem) => problemText(problem)).join('\n'));
    this.problems = problems;
  }
}

/** `postern.yaml:12:7  error  unknown-key  plugins[3].with.bsae: …` and the hint on a line of its own. */
export const problemText = (problem: ConfigError, file = problem.file): string => {
  const place = [file, problem.line, problem.line === undefined ? undefined : problem.column]
    .filter((part) => part !== undefined)
    .join(':');
  const path = problem.path.length === 0 ? '' : `${pathText(problem.path)}: `;
  const head = [place, problem.severity, problem.code, `${path}${problem.message}`].filter((part) => part !== '').join('  ');
  return problem.hint === '' ? head : `${head}\n    ${problem.hint}`;
};
