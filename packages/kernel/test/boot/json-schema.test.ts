import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePlugin, type Plugin } from '@postern/contract';
import { composeSchema, effectiveConfig } from '@postern/kernel';
import { stringify } from 'yaml';
import { z } from 'zod';
import { ConfigRoom } from './support/config-room.js';
import { samplePlugins } from './support/sample-plugins.js';

interface Entry {
  readonly properties: {
    readonly use: { readonly const?: string; readonly not?: { readonly enum: readonly string[] } };
    readonly with: object;
  };
  readonly required: readonly string[];
}

const entriesOf = (schema: ReturnType<typeof composeSchema>): readonly Entry[] =>
  (schema as { properties: { plugins: { items: { oneOf: readonly Entry[] } } } }).properties.plugins.items.oneOf;

describe('the JSON Schema of the whole file', () => {
  it('is draft 7, refuses unknown keys, and describes every section', () => {
    const schema = composeSchema(samplePlugins) as {
      $schema: string;
      additionalProperties: boolean;
      properties: Record<string, { description?: string }>;
    };
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining([
        'listen',
        'nginx',
        'proxy',
        'operator',
        'identity',
        'workers',
        'log',
        'redis',
        'health',
        'backends',
        'plugins',
      ]),
    );
    expect(Object.entries(schema.properties).filter(([, { description }]) => description === undefined)).toEqual([]);
  });

  it('has one form of an entry per plugin, told apart by use, and one for all others', () => {
    const entries = entriesOf(composeSchema(samplePlugins));
    expect(entries.map(({ properties: { use } }) => use.const)).toEqual([...samplePlugins.keys(), undefined]);
    expect(entries.at(-1)?.properties.use.not?.enum).toEqual([...samplePlugins.keys()]);
    expect(entries[0]?.properties.with).toMatchObject({ properties: { ttl: { default: '5m' } }, additionalProperties: false });
  });

  it('requires with only where an empty one would not do', () => {
    const required = Object.fromEntries(
      entriesOf(composeSchema(samplePlugins)).map(({ properties: { use }, required }) => [use.const ?? '*', required]),
    );
    expect(required).toMatchObject({ store: ['use'], router: ['use', 'with'], '*': ['use'] });
  });

  it('admits anything where a schema cannot be shown, and follows one that contains itself', () => {
    interface Tree {
      readonly children?: readonly Tree[] | undefined;
    }
    const tree: z.ZodType<Tree> = z.strictObject({ children: z.array(z.lazy(() => tree)).optional() });
    const of = (use: string, config: z.ZodType): Plugin =>
      definePlugin({ apiVersion: 1, role: 'policy', use, config, create: () => ({ around: (next) => next }) });
    const odd = { safeParse: () => ({ success: true }), safeParseAsync: () => Promise.resolve({ success: true }) } as unknown as z.ZodType;
    const schema = composeSchema(
      new Map([
        ['odd', of('odd', odd)],
        ['tree', of('tree', tree)],
      ]),
    );
    expect(entriesOf(schema)[0]?.properties.with).toEqual({});
    expect(JSON.stringify(schema)).toContain('$ref');
  });
});

describe('the effective config', () => {
  let room: ConfigRoom;

  beforeAll(async () => {
    room = await ConfigRoom.open();
    room.env = { KEY: 'a-key' };
  });
  afterAll(() => room.close());

  it('is complete, keeps what was written, and can be read again with the same result', async () => {
    const yaml = `
nginx: { key: { env: KEY }, attempts: { cap: 5 }, none: { domains: [x.org] } }
operator: {}
health: { every: 5s }
backends: { a: { host: 10.0.0.1, imap: 1143 } }
plugins:
  - { use: store, as: staff, with: { pool: { size: 2 } }, when: { domain: x.org }, on: { rejected: next } }
  - { use: router, with: { over: [a] } }
`;
    const first = effectiveConfig((await room.read(yaml)).config!);
    expect(first).toMatchObject({
      listen: '127.0.0.1:9143',
      nginx: {
        key: { env: 'KEY' },
        deadline: '5s',
        attempts: { cap: 5, waits: [1, 2, 3] },
        none: { domains: ['x.org'], knownRecipients: false },
      },
      operator: { listen: '127.0.0.1:9144' },
      health: { every: '5s', timeout: '1s', rise: 2, fall: 2 },
      backends: { a: { host: '10.0.0.1', imap: 1143, pop3: 110, smtp: 25, weight: 1, state: 'up' } },
      plugins: [
        { use: 'store', as: 'staff', when: { domain: 'x.org' }, on: { rejected: 'next' }, with: { ttl: '5m', pool: { size: 2 } } },
        { use: 'router', as: 'router', with: { over: ['a'], whenDown: 'defer' } },
      ],
    });
    expect(first).not.toHaveProperty('proxy');
    const again = await room.read(stringify(first));
    expect(again.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(effectiveConfig(again.config!)).toEqual(first);
  });

  it('says off where health is off', async () => {
    const { config } = await room.read('health: off\nplugins: [{ use: store }, { use: table }]');
    expect(effectiveConfig(config!)['health']).toBe('off');
  });

  it('keeps a user who is called like an inherited property', async () => {
    const { config } = await room.read('plugins: [{ use: store, with: { users: { constructor: x } } }, { use: table }]');
    expect((effectiveConfig(config!)['plugins'] as readonly unknown[])[0]).toMatchObject({ with: { users: { constructor: 'x' } } });
  });
});
