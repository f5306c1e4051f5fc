import { splitUser, type Account, type Health, type Services } from '@postern/contract';
import type { RedisTableConfig } from '../config.js';
import { filled } from '../redis-key.js';
import { type TableSource, valueOf } from './source.js';

/** What of the host's ioredis client is used here. */
interface RedisClient {
  readonly status: string;
  get(key: string): Promise<string | null>;
  hget(key: string, field: string): Promise<string | null>;
}

const isClient = (redis: unknown): redis is RedisClient =>
  typeof redis === 'object' && redis !== null && 'status' in redis && 'get' in redis && 'hget' in redis;

/** Opens nothing. Throws when the config has no Redis. */
export const redisSource = (config: RedisTableConfig, { redis }: Pick<Services, 'redis'>): TableSource => {
  if (!isClient(redis)) throw new Error('the config has no redis section that says where Redis is');
  return new RedisSource(config, redis);
};

const longestKey = 1024;

/** Values kept in Redis, in keys or in the fields of hashes. The connection is the host's, its time-out too. */
export class RedisSource implements TableSource {
  readonly #config: RedisTableConfig;
  readonly #redis: RedisClient;

  constructor(config: RedisTableConfig, redis: RedisClient) {
    this.#config = config;
    this.#redis = redis;
  }

  async lookup(keys: readonly string[], { user }: Account, signal: AbortSignal): Promise<string | undefined> {
    const { key: template, field } = this.#config;
    const asksForKeys = [template, field ?? ''].some((text) => text.includes('{key}'));
    for (const key of asksForKeys ? keys : ['']) {
      signal.throwIfAborted();
      const value = await this.#ask({ key, user, ...splitUser(user) });
      if (value !== undefined) return value;
    }
    return undefined;
  }

  health(): Promise<Health> {
    const { status } = this.#redis;
    return Promise.resolve(status === 'ready' ? { status: 'up' } : { status: 'down', note: `Redis cannot be asked: ${status}` });
  }

  async #ask(values: Readonly<Record<string, string>>): Promise<string | undefined> {
    const key = filled(this.#config.key, values);
    const field = this.#config.field === undefined ? undefined : filled(this.#config.field, values);
    if (key.length > longestKey || (field?.length ?? 0) > longestKey) return undefined;
    return valueOf(field === undefined ? await this.#redis.get(key) : await this.#redis.hget(key, field));
  }
}
