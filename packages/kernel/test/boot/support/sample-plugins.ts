import {
  apiVersion,
  definePlugin,
  duration,
  filePath,
  type Inspection,
  type Lifecycle,
  type Plugin,
  secret,
  type Services,
  type Verdict,
} from '@postern/contract';
import { z } from 'zod';

/** What the sample instances do; a test swaps it. Starts, stops and the like are written down in order. */
export interface Script {
  readonly calls: string[];
  readonly services: Services[];
  start: (name: string, signal: AbortSignal) => Promise<void>;
  stop: (name: string, signal: AbortSignal) => Promise<void>;
  health: Lifecycle['health'] | undefined;
  verify: (user: string) => Promise<Verdict>;
  create: (name: string) => void;
}

export const newScript = (): Script => ({
  calls: [],
  services: [],
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  health: undefined,
  verify: (user) => Promise.resolve({ kind: 'accepted', account: { user, attributes: { mailHost: 'mail-a', apiToken: 'canary-token' } } }),
  create: () => undefined,
});

/** Set by each test before it makes instances. */
export const stage: { script: Script } = { script: newScript() };

const lifecycle = ({ name }: Services): Lifecycle => {
  const { script } = stage;
  script.calls.push(`create ${name}`);
  script.create(name);
  return {
    start: (signal) => {
      script.calls.push(`start ${name}`);
      return script.start(name, signal);
    },
    stop: (signal) => {
      script.calls.push(`stop ${name}`);
      return script.stop(name, signal);
    },
    ...(script.health !== undefined && { health: script.health }),
  };
};

const storeOptions = z.strictObject({
  users: z.record(z.string(), z.string()).prefault({}).describe('Users.'),
  bind: z.strictObject({ dn: z.string(), password: secret() }).optional(),
  url: z.string().optional(),
  file: filePath().optional(),
  ttl: duration().prefault('5m'),
  pool: z.strictObject({ size: z.int().min(1).prefault(4) }).prefault({}),
  advice: z.enum(['warning', 'error']).optional(),
});

const store = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'store',
  config: storeOptions,
  inspect: ({ advice }): Inspection =>
    advice === undefined ? {} : { advice: [{ path: ['advice'], severity: advice, message: 'is odd', hint: 'Think again.' }] },
  create: (_, services) => {
    const { script } = stage;
    script.services.push(services);
    return {
      ...lifecycle(services),
      abilities: { mechanisms: ['plain'], knowsUsers: true },
      verify: ({ user }) => script.verify(user),
      lookup: (user) => Promise.resolve({ kind: 'found', account: { user, attributes: {} } }),
    };
  },
});

const blind = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'blind',
  config: z.strictObject({ asksRoutes: z.boolean().optional() }),
  inspect: ({ asksRoutes = false }): Inspection => ({ asksRoutes }),
  create: (_, services) => ({
    ...lifecycle(services),
    abilities: { mechanisms: ['plain'], knowsUsers: false },
    verify: () => Promise.resolve({ kind: 'rejected' }),
  }),
});

const router = definePlugin({
  apiVersion,
  role: 'backend-router',
  use: 'router',
  config: z.strictObject({ over: z.array(z.string()).min(1), whenDown: z.enum(['defer', 'next']).prefault('defer') }),
  inspect: ({ over }) => ({ backends: over.map((name, index) => ({ name, path: ['over', index] })) }),
  create: ({ over }, services) => ({
    ...lifecycle(services),
    locate: () => Promise.resolve({ kind: 'placed', backends: over.map((name) => ({ kind: 'named', name })) }),
  }),
});

/** Names backends at run time. */
const table = definePlugin({
  apiVersion,
  role: 'backend-router',
  use: 'table',
  config: z.strictObject({ attribute: z.string().optional() }),
  inspect: ({ attribute }) => ({ namesBackendsAtRunTime: true, readsAttributes: attribute === undefined ? [] : [['attribute']] }),
  create: (_, services) => ({ ...lifecycle(services), locate: () => Promise.resolve({ kind: 'homeless' }) }),
});

const policy = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'policy',
  config: z.strictObject({}),
  create: (_, services) => ({ ...lifecycle(services), around: (next) => next }),
});

/** Asks stores by name, for writing. */
const asking = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'asking',
  config: z.strictObject({ stores: z.array(z.string()) }),
  inspect: ({ stores }) => ({ stores: stores.map((name, index) => ({ name, path: ['stores', index], needs: ['enroll', 'lookup'] })) }),
  create: (_, services) => {
    stage.script.services.push(services);
    return { ...lifecycle(services), around: (next) => next };
  },
});

/** May answer with what it asked a store itself. */
const answering = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'answering',
  config: z.strictObject({}),
  inspect: () => ({ answersItself: true }),
  create: () => ({ around: (next) => next }),
});

const throwing = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'throwing',
  config: z.strictObject({ at: z.enum(['schema', 'inspect']) }).refine(({ at }) => {
    if (at === 'schema') throw new Error('the schema is broken');
    return true;
  }),
  inspect: () => {
    throw new Error('the inspection is broken');
  },
  create: () => ({ around: (next) => next }),
});

export const samplePlugins: ReadonlyMap<string, Plugin> = new Map(
  [store, blind, router, table, policy, asking, answering, throwing].map((plugin) => [plugin.use, plugin as unknown as Plugin]),
);
