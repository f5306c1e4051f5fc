import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCodes } from '@postern/kernel';
import { ConfigRoom } from './support/config-room.js';

const plugins = 'plugins: [{ use: store }, { use: table }]';
const quiet = 'nginx: { key: { env: KEY }, requireTls: true }';

describe('the warnings of a config', () => {
  let room: ConfigRoom;

  beforeAll(async () => {
    room = await ConfigRoom.open();
    room.env = { KEY: 'a-key' };
  });
  afterAll(() => room.close());

  it('are none where all is well', async () => {
    expect(await room.warnings(`${quiet}\n${plugins}`)).toEqual([]);
    const byAttribute = '{ use: table, with: { attribute: host } }';
    expect(await room.warnings(`${quiet}\nplugins: [{ use: blind }, ${byAttribute}]`)).toEqual([]);
    expect(
      await room.warnings(
        `${quiet}\nplugins: [{ use: store }, { use: blind, as: b, mode: off, with: { asksRoutes: true } }, ${byAttribute}]`,
      ),
    ).toEqual([]);
  });

  it.each([
    ['a missing key on loopback', `nginx: { requireTls: true }\n${plugins}`, ['no-key nginx.key 1']],
    ['a missing key on a socket', `nginx: { requireTls: true }\nlisten: unix:/run/a\n${plugins}`, ['no-key nginx.key 1']],
    ['logins in clear text', `nginx: { key: { env: KEY } }\n${plugins}`, ['tls-not-required nginx.requireTls 1']],
    ['a literal key', `nginx: { key: [{ env: KEY }, literal], requireTls: true }\n${plugins}`, ['literal-secret nginx.key 1']],
    ['a literal token', `${quiet}\noperator: { token: literal }\n${plugins}`, ['literal-secret operator.token 2']],
    [
      'a router that goes by attributes, behind a store that asks it for a server to try passwords at',
      `${quiet}\nplugins:\n  - { use: blind, with: { asksRoutes: true } }\n  - { use: table, with: { attribute: host } }`,
      ['attributes-unknown plugins[1].with.attribute 4'],
    ],
    [
      'a literal password of a backend',
      `${quiet}\nbackends: { a: { host: a, login: { password: literal } } }\n${plugins}`,
      ['literal-secret backends.a.login.password 2'],
    ],
    [
      'a literal password of a plugin',
      `${quiet}\nplugins:\n  - use: store\n    with: { bind: { dn: x, password: literal } }\n  - use: table`,
      ['literal-secret plugins[0].with.bind.password 4'],
    ],
    [
      'an open Express door without TLS that nobody else may use',
      `${quiet}\nproxy: { listen: 0.0.0.0:9443 }\n${plugins}`,
      ['peers-only-local nginx.allow 1', 'proxy-without-tls proxy.tls 2'],
    ],
    ['an empty list of who may ask', `${quiet.replace('true', 'true, allow: []')}\n${plugins}`, ['peers-none nginx.allow 1']],
    [
      'advice of a plugin',
      `${quiet}\nplugins: [{ use: store, with: { advice: warning } }, { use: table }]`,
      ['plugin-advice plugins[0].with.advice 2'],
    ],
    [
      'certificates that nobody maps',
      `${quiet}\nplugins: [{ use: store, when: { mechanism: [external] } }, { use: table }]`,
      ['external-unmapped plugins[0].when.mechanism 2'],
    ],
    [
      'certificates without a password for the mail server',
      `${quiet}\nidentity: { certificateUser: email }\nbackends: { a: { host: a } }\n${plugins}`,
      ['external-without-password identity.certificateUser 2'],
    ],
  ])('tell of %s', async (_, yaml, warnings) => {
    const reading = await room.read(yaml);
    expect(await room.warnings(yaml)).toEqual(warnings);
    expect(reading.config).toBeDefined();
  });

  it('do not call a stored hash a literal secret', async () => {
    const yaml = `${quiet}\nplugins: [{ use: store, with: { bind: { dn: x, password: "{BLF-CRYPT}$2y$05$abc" } } }, { use: table }]`;
    expect(await room.warnings(yaml)).toEqual([]);
  });
});

describe('the table of codes', () => {
  it('has a paragraph for each, in plain words', () => {
    for (const [code, { meaning }] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(meaning).toMatch(/^(?:[A-Z`]|nginx).{40,}\.$/s);
    }
  });
});
