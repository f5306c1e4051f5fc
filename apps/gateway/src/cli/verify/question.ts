import type { Account, LoginAttempt } from '@postern/contract';

export interface ExampleLogin {
  readonly user: string;
  readonly password: string;
}

/** Whom a plugin may be tried with. */
export interface Examples {
  /** Of a store: somebody who is let in. Wrong passwords are tried, too, so it should be an account for tests. */
  readonly known?: ExampleLogin;
  readonly disabled?: ExampleLogin;
  readonly unknown?: string;
  readonly many?: readonly ExampleLogin[];
  /** What it does when it is asked after `stop`. */
  readonly afterStop?: 'deferred' | 'answers';
  /** Of a router. */
  readonly placed?: readonly Account[];
  readonly homeless?: Account;
  /** Of a policy: a login that it lets pass. */
  readonly passing?: Partial<LoginAttempt>;
  /** Cases that do not concern the plugin, each with the reason in words. */
  readonly skip?: Readonly<Record<string, string>>;
}

/** Everything there is to know about a plugin that is to be verified. Plain data: it crosses from one process to another. */
export interface PluginQuestion {
  /** As it would stand in a config. */
  readonly use: string;
  /** Absolute; what paths and packages are found from. */
  readonly directory: string;
  /** The options, as they are written. */
  readonly with: unknown;
  /** Names of declared backends. */
  readonly backends: readonly string[];
  readonly examples: Examples;
  /** Milliseconds for each thing that the plugin does. */
  readonly patienceMs: number;
}
