import type { ConfigPath } from '@postern/contract';
import { ConfigError } from '../config-error.js';
import { type ConfigErrorCode, errorCodes } from '../error-codes.js';
import type { Position } from './yaml-text.js';

export interface Problem {
  readonly code: ConfigErrorCode;
  readonly path: ConfigPath;
  readonly message: string;
  readonly hint?: string;
  /** `key`: the key itself is the mistake. Default `value`. */
  readonly at?: 'key' | 'value';
}

export type Locate = (path: ConfigPath, at: 'key' | 'value') => Position | undefined;

interface Found {
  readonly problem: Problem;
  readonly position: Position | undefined;
}

/** Collects what is wrong, so that all of it is told at once. */
export class ProblemList {
  readonly #locate: Locate;
  readonly #found = new Map<string, Found>();

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  add(problem: Problem): void {
    this.addAt(problem, this.#locate(problem.path, problem.at ?? 'value'));
  }

  addAt(problem: Problem, position: Position | undefined): void {
    const { code, path, message } = problem;
    this.#found.set(JSON.stringify([code, path, position, message]), { problem, position });
  }

  get hasErrors(): boolean {
    return [...this.#found.values()].some(({ problem }) => errorCodes[problem.code].severity === 'error');
  }

  /** In the order of the file; what has no place comes first. `scrub` takes secrets out of texts. */
  sorted(file: string, scrub: (text: string) => string): readonly ConfigError[] {
    return [...this.#found.values()]
      .map(({ problem: { code, path, message, hint = '' }, position }) => {
        const place = { file, path, line: position?.line, column: position?.column };
        return new ConfigError(code, place, scrub(message), scrub(hint));
      })
      .sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
  }
}
