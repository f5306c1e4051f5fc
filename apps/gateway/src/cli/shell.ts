import type { Io } from './io.js';

/** 0: fine; 1: the answer is no; 2: used wrongly, or the config is wrong. */
export type ExitCode = 0 | 1 | 2;

/** What every command is handed. */
export interface Shell {
  readonly io: Io;
  /** How the command ended; without a call it ended with 0. */
  end(code: ExitCode): void;
}

/** Used wrongly: `message` says what is wrong, `hint` what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** The option that nearly every command has. */
export const configOption = ['-c, --config <file>', 'config file', './postern.yaml'] as const;
