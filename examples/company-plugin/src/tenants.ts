import {
  definePlugin,
  secret,
  splitUser,
  type Account,
  type BackendRouter,
  type Health,
  type Lifecycle,
  type LoginAttempt,
  type Routing,
  type Services,
} from '@postern/contract';
import { Pool, type PoolConfig } from 'pg';
import { z } from 'zod';

const tenantsConfig = z.strictObject({
  url: secret().describe('postgres://… of the directory of tenants.'),
  connections: z.int().min(1).max(50).default(4).describe('Connections at most.'),
});

type TenantsConfig = z.output<typeof tenantsConfig>;

const question = 'select backend from tenant_backends where domain = $1 order by preference, backend';

/** The directory cannot be asked: not the same as a tenant that it does not have. */
class Trouble {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** Sends a tenant's domain to the backends that the tenant directory names, best first. */
class TenantRouter implements BackendRouter, Lifecycle {
  readonly #settings: PoolConfig;
  readonly #services: Services;
  #pool: Pool | undefined;
  #trouble: string | undefined = 'not started';

  constructor({ url, connections }: TenantsConfig, services: Services) {
    this.#settings = {
      connectionString: url.reveal(),
      max: connections,
      connectionTimeoutMillis: 1000,
      query_timeout: 2000,
      statement_timeout: 1500,
    };
    this.#services = services;
  }

  async start(): Promise<void> {
    this.#pool ??= this.#open();
    await this.#backendsOf('nobody.invalid');
  }

  health(): Promise<Health> {
    return Promise.resolve(this.#trouble === undefined ? { status: 'up' } : { status: 'down', note: this.#trouble });
  }

  async stop(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#trouble = 'stopped';
    await pool?.end();
  }

  /** By the account's own name, never by what was typed: the same account must always get the same answer. */
  async locate({ user }: Account, _attempt: LoginAttempt, signal: AbortSignal): Promise<Routing> {
    const { domain } = splitUser(user);
    if (domain === '' || domain.includes('\0')) return { kind: 'homeless' };
    const names = await this.#backendsOf(domain).catch((cause: unknown) => new Trouble(cause));
    if (names instanceof Trouble || signal.aborted)
      return { kind: 'deferred', cause: names instanceof Trouble ? names.cause : signal.reason };
    const unknown = names.find((name) => this.#services.backends.get(name) === undefined);
    // Not homeless: the next router might send the tenant to an empty mailbox.
    if (unknown !== undefined)
      return { kind: 'deferred', cause: new Error(`the directory names a backend that is not declared: ${unknown}`) };
    return names.length === 0 ? { kind: 'homeless' } : { kind: 'placed', backends: names.map((name) => ({ kind: 'named', name })) };
  }

  #open(): Pool {
    const pool = new Pool(this.#settings);
    // A connection that dies while it is idle; without a listener it would end the process.
    pool.on('error', (error) => this.#services.log.warn('a connection to the tenant directory ended', { cause: error.message }));
    return pool;
  }

  /** Rejects when the directory cannot be asked. */
  async #backendsOf(domain: string): Promise<readonly string[]> {
    if (this.#pool === undefined) throw new Error('the tenant directory is not open');
    try {
      const { rows } = await this.#pool.query<{ readonly backend: string }>(question, [domain]);
      this.#trouble = undefined;
      return rows.map(({ backend }) => backend);
    } catch (error) {
      this.#trouble = 'the tenant directory cannot be asked';
      throw error;
    }
  }
}

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'backend-router',
  use: 'company-tenants',
  config: tenantsConfig,
  inspect: () => ({ namesBackendsAtRunTime: true }),
  create: (config, services) => new TenantRouter(config, services),
});
