import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConfigReading, effectiveConfig, problemText } from '@postern/kernel';
import fc from 'fast-check';
import { ConfigRoom } from './support/config-room.js';

/** Everything that anybody could print of a reading. */
const everything = ({ problems, config, schema }: ConfigReading): string =>
  [
    ...problems.flatMap((problem) => [problemText(problem), JSON.stringify(problem), inspect(problem), String(problem.stack)]),
    inspect(problems, { depth: 20 }),
    JSON.stringify(schema),
    config === undefined ? '' : JSON.stringify(effectiveConfig(config)),
    config === undefined ? '' : JSON.stringify(config.written),
    config === undefined ? '' : inspect(config.written, { depth: 20, showHidden: true }),
    config === undefined ? '' : JSON.stringify(config.core),
    config === undefined ? '' : inspect(config.core, { depth: 20, showHidden: true }),
  ].join('\n');

/** Where a secret may stand in a file, right or wrong. `%` is the secret, quoted as YAML wants it. */
const places = [
  'nginx: { key: % }',
  'nginx: { key: [%, %] }',
  'nginx: { key: { % : 1 } }',
  'nginx: { key: [[%]] }',
  'nginx: { key: { env: [%] } }',
  'nginx: { key: %, cap: %, deadline: 5 }',
  'nginx: { attempts: % }',
  'nginx: %',
  'operator: { token: % }',
  'operator: { token: [%] }',
  'operator: { listen: %, token: % }',
  'log: { level: % }',
  'health: %',
  'workers: %',
  'listen: %',
  'identity: { certificateUser: % }',
  'identity: { stripTag: [%] }',
  'backends: { a: { host: a, login: { password: % } } }',
  'backends: { a: { host: a, login: { password: { %: x } } } }',
  'backends: { a: { host: a, weight: % } }',
  'plugins: [{ use: store, with: { bind: { dn: x, password: % } } }, { use: table }]',
  'plugins: [{ use: store, with: { bind: { dn: x, password: [%] } } }, { use: table }]',
  'plugins: [{ use: store, with: { bind: { dn: 5, password: % }, pasword: % } }, { use: table }]',
  'plugins: [{ use: store, with: { ttl: % } }, { use: table }]',
  'plugins: [{ use: store, with: % }, { use: table }]',
  'plugins: [{ use: store, with: { pool: { size: % } } }, { use: table }]',
  'plugins: [{ use: store, mode: % }, { use: table }]',
  'plugins: [{ use: store, when: { percent: %, protocol: % } }, { use: table }]',
  'plugins: [{ use: store, on: { rejected: % } }, { use: table }]',
  'redis: { url: % }',
];

const good = 'plugins: [{ use: store }, { use: table }]';

describe('secrets in a config', () => {
  let room: ConfigRoom;

  beforeAll(async () => {
    room = await ConfigRoom.open();
  });
  afterAll(() => room.close());

  it.each(places)('are never told: %s', async (place) => {
    const yaml = place.replaceAll('%', '"canary-Sw0rdfish"');
    const reading = await room.read(yaml.startsWith('plugins') ? yaml : `${yaml}\n${good}`);
    expect(everything(reading)).not.toContain('canary-Sw0rdfish');
  });

  it('are never told, whatever they are', async () => {
    const secret = fc.string({ minLength: 6, maxLength: 24 }).map((text) => `zq${text}`);
    const place = fc.constantFrom(...places);
    await fc.assert(
      fc.asyncProperty(place, secret, async (template, value) => {
        const yaml = template.replaceAll('%', () => JSON.stringify(value));
        const reading = await room.read(yaml.startsWith('plugins') ? yaml : `${yaml}\n${good}`);
        const told = everything(reading);
        expect(told).not.toContain(value);
        expect(told).not.toContain(JSON.stringify(value).slice(1, -1));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['as an alias', 'nginx: { key: *canary-Sw0rdfish }'],
    ['as a tag', 'nginx: { key: !canary-Sw0rdfish }'],
    ['with a stray quote', 'nginx: { key: "x" canary-Sw0rdfish }'],
    ['with a wrong escape', 'nginx: { key: "canary-Sw0rdfish\\q" }'],
    ['with a bracket that is open', 'nginx: { key: [canary-Sw0rdfish'],
    ['with a colon', 'nginx:\n  key: canary-Sw0rdfish: x'],
  ])('are never told by the YAML parser when they stand there %s', async (_, yaml) => {
    const reading = await room.read(`${yaml}\n${good}`);
    expect(reading.config).toBeUndefined();
    expect(everything(reading)).not.toContain('Sw0rdfish');
  });

  it('are never told when they come from the environment or a file', async () => {
    room.env = { KEY: 'canary-Sw0rdfish' };
    await room.write('token', 'canary-Sw0rdfish\n');
    const yaml = 'nginx: { key: { env: KEY } }\noperator: { token: { file: token } }';
    const reading = await room.read(`${yaml}\n${good}`);
    expect(everything(reading)).not.toContain('Sw0rdfish');
    const { nginx, operator } = effectiveConfig(reading.config!) as { nginx: { key: unknown }; operator: { token: unknown } };
    expect([nginx.key, operator.token]).toEqual([{ env: 'KEY' }, { file: 'token' }]);
  });

  it('are never told when a plugin quotes them in its own words', async () => {
    const reading = await room.read(
      'plugins: [{ use: store, with: { url: "sql://u:canary-Sw0rdfish@h/d", users: { a: "{PLAIN}canary-Sw0rdfish" } } }, { use: table }]',
    );
    expect(everything(reading)).not.toContain('Sw0rdfish');
    const [store] = effectiveConfig(reading.config!)['plugins'] as readonly { with: unknown }[];
    expect(store?.with).toMatchObject({ url: 'sql://u:[secret]@h/d', users: { a: '[secret]' } });
  });

  it('stand beside the limits of each store, filled in', async () => {
    const reading = await room.read(
      'plugins: [{ use: store, limits: { queue: 7 } }, { use: store, as: b, limits: { breaker: off } }, { use: table }]',
    );
    const plugins = effectiveConfig(reading.config!)['plugins'] as readonly { limits?: unknown }[];
    expect(plugins.map(({ limits }) => limits)).toEqual([
      { concurrency: 64, queue: 7, breaker: { after: 5, for: '2s' } },
      { concurrency: 64, queue: 256, breaker: 'off' },
      undefined,
    ]);
  });

  it('are redacted even when they are a letter long', async () => {
    const reading = await room.read('nginx: { key: q }\nplugins: [{ use: store, with: { bind: { dn: q, password: a } } }, { use: table }]');
    const { nginx, plugins } = effectiveConfig(reading.config!) as { nginx: { key: unknown }; plugins: readonly { with: unknown }[] };
    expect(nginx.key).toBe('[secret]');
    expect(plugins[0]?.with).toMatchObject({ bind: { password: '[secret]' } });
  });
});
