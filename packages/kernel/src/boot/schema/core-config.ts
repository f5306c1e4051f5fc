import { z } from 'zod';
import { backendsSchema } from './backend.js';
import { operatorSchema, proxySchema } from './doors.js';
import { healthSchema } from './health.js';
import { identitySchema } from './identity.js';
import { listen } from './listen.js';
import { migrationSchema } from './migration.js';
import { nginxSchema } from './nginx.js';
import { redisSchema } from './redis.js';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const logSchema = z
  .strictObject({ level: z.enum(logLevels).prefault('info').describe("pino's levels, and silent.") })
  .prefault({})
  .describe('The log.');

/** Every section beside the plugin list. Each one is read for itself, so that a mistake in one hides nothing in another. */
export const coreSections = {
  listen: listen().prefault('127.0.0.1:9143').describe('The nginx door: HOST:PORT or unix:/PATH, or a list.'),
  nginx: nginxSchema,
  proxy: proxySchema,
  operator: operatorSchema,
  identity: identitySchema,
  workers: z
    .union([z.literal('auto'), z.int().min(1).max(1024)], { error: 'expected a number of processes, or auto' })
    .prefault(1)
    .describe('Processes that answer logins; auto: one per core.'),
  log: logSchema,
  redis: redisSchema,
  migration: migrationSchema,
  health: healthSchema,
  backends: backendsSchema,
};

export const coreSchema = z.strictObject(coreSections);

/** The config beside the plugin list, with every default filled in. Durations are in milliseconds. */
export type CoreConfig = z.output<typeof coreSchema>;
