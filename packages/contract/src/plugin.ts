import type { z } from 'zod';
import type { Lifecycle } from './lifecycle.js';
import type { Policy } from './policy.js';
import type { BackendRouter } from './router.js';
import type { Services } from './services.js';
import type { CredentialStore } from './store.js';

/** Raised only when an existing plugin would no longer work. */
export const apiVersion = 1;

export type Role = 'credential-store' | 'backend-router' | 'policy';

/** What `create` must give for each role. */
export interface RoleInstance {
  readonly 'credential-store': CredentialStore;
  readonly 'backend-router': BackendRouter;
  readonly policy: Policy;
}

export type ConfigPath = readonly (string | number)[];

/** Something about a valid config that the operator should know. */
export interface Advice {
  /** Within `with`, for example `['users', 'a@x.org']`. */
  readonly path: ConfigPath;
  readonly severity: 'error' | 'warning';
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly hint: string;
}

/** What can be said of a config without opening anything. */
export interface Inspection {
  /** Declared backends that this config names; a name that is not declared stops the start. */
  readonly backends?: readonly { readonly name: string; readonly path: ConfigPath }[];
  /** True when backends can also be named at run time (a file, a database, a pattern): then none counts as unused. */
  readonly namesBackendsAtRunTime?: boolean;
  /** Of a router: the options by which it goes by an account's attributes. They are known only after a store has let somebody in. */
  readonly readsAttributes?: readonly ConfigPath[];
  /** Of a store: it asks `services.routes` before anybody has been let in. */
  readonly asksRoutes?: boolean;
  /** The option by which it asks `services.redis`. Without a `redis` section in the config the start is then refused. */
  readonly asksRedis?: ConfigPath;
  /**
   * Of a policy: the stores it asks by name, and what it needs of them beyond `verify`. A name that is not in the list, or a store that
   * is off or cannot do it, stops the start.
   */
  readonly stores?: readonly { readonly name: string; readonly path: ConfigPath; readonly needs: readonly StoreTask[] }[];
  /**
   * Of a policy: it may answer with what a store says that it asked by name. Policies behind it in the list would not see that answer, so
   * none may stand there but its like.
   */
  readonly answersItself?: boolean;
  /** It writes to `services.ledger`. */
  readonly keepsLedger?: boolean;
  readonly advice?: readonly Advice[];
}

/** What a store may be able to do beyond `verify`. */
export type StoreTask = 'lookup' | 'enroll' | 'kept' | 'withdraw';

/**
 * A plugin is a value. Defining it does nothing; `create` is synchronous and opens nothing; `start` opens things.
 *
 * Identity (instance name, log tag, metric label) is the host's and never the plugin's.
 */
export interface Plugin<R extends Role = Role, S extends z.ZodType = z.ZodType> {
  readonly apiVersion: typeof apiVersion;
  readonly role: R;
  /** The word in the config's `use`. */
  readonly use: string;
  /** Schema of `with`: strict (unknown keys are errors), every field described. */
  readonly config: S;
  /** Pure: no files, no network. */
  inspect?(config: z.output<S>): Inspection;
  create(config: z.output<S>, services: Services): RoleInstance[R] & Lifecycle;
}

/** Gives a plugin its types; at run time it only returns what it got. */
export const definePlugin = <R extends Role, S extends z.ZodType>(plugin: Plugin<R, S>): Plugin<R, S> => plugin;
