import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigRoom } from './support/config-room.js';

const good = `
backends: { mail-a: { host: 10.0.0.11 } }
plugins:
  - use: store
  - { use: router, with: { over: [mail-a] } }
`;

/** What is wrong with a config that is otherwise good. Lines are counted from the first line of `yaml`. */
const beside = (yaml: string): string => `${yaml}${good}`;

interface Case {
  readonly name: string;
  readonly yaml: string;
  readonly errors: readonly string[];
}

const core: readonly Case[] = [
  { name: 'an unknown section', yaml: beside('nginks: {}'), errors: ['unknown-key nginks 1'] },
  { name: 'an unknown key in a section', yaml: beside('nginx:\n  dedline: 5s'), errors: ['unknown-key nginx.dedline 2'] },
  { name: 'a duration without a unit', yaml: beside('nginx:\n  deadline: 5'), errors: ['bad-value nginx.deadline 2'] },
  { name: 'a deadline that nginx would not wait for', yaml: beside('nginx: { deadline: 2m }'), errors: ['bad-value nginx.deadline 1'] },
  { name: 'an empty section', yaml: beside('nginx:'), errors: ['bad-value nginx 1'] },
  { name: 'a cap above 20', yaml: beside('nginx: { attempts: { cap: 21 } }'), errors: ['bad-value nginx.attempts.cap 1'] },
  { name: 'a wait of 0', yaml: beside('nginx: { attempts: { waits: [1, 0] } }'), errors: ['bad-value nginx.attempts.waits[1] 1'] },
  { name: 'no waits', yaml: beside('nginx: { attempts: { waits: [] } }'), errors: ['bad-value nginx.attempts.waits 1'] },
  { name: 'a network that is none', yaml: beside('nginx: { allow: [10.0.0.0/33] }'), errors: ['bad-value nginx.allow[0] 1'] },
  { name: 'a text for a truth value', yaml: beside('nginx: { requireTls: "yes" }'), errors: ['bad-value nginx.requireTls 1'] },
  { name: 'an unknown log level', yaml: beside('log: { level: verbose }'), errors: ['bad-value log.level 1'] },
  { name: 'a domain that is none', yaml: beside('identity: { defaultDomain: "a b" }'), errors: ['bad-value identity.defaultDomain 1'] },
  {
    name: 'aliases that go in a circle',
    yaml: beside('identity:\n  domainAliases: { a.org: b.org, b.org: a.org }'),
    errors: ['bad-value identity.domainAliases 2'],
  },
  {
    name: 'an unknown certificate rule',
    yaml: beside('identity: { certificateUser: mail }'),
    errors: ['bad-value identity.certificateUser 1'],
  },
  {
    name: 'a name that zod would drop',
    yaml: beside('identity:\n  domainAliases: { __proto__: a.org }'),
    errors: ['unknown-key identity.domainAliases.__proto__ 2'],
  },
  { name: 'health that is neither off nor rules', yaml: beside('health: none'), errors: ['bad-value health 1'] },
  { name: 'health checks without pause', yaml: beside('health: { every: 1ms }'), errors: ['bad-value health.every 1'] },
  {
    name: 'a recipient domain that is none',
    yaml: beside('nginx: { none: { domains: [example.org, "*", "a b"] } }'),
    errors: ['bad-value nginx.none.domains[1] 1', 'bad-value nginx.none.domains[2] 1'],
  },
  {
    name: 'one domain with two aliases',
    yaml: beside('identity:\n  domainAliases:\n    A.org: b.org\n    a.org: c.org'),
    errors: ['bad-value identity.domainAliases["a.org"] 4'],
  },
  { name: 'half a process', yaml: beside('workers: 1.5'), errors: ['bad-value workers 1'] },
  { name: 'Redis nowhere', yaml: beside('redis: { prefix: x }'), errors: ['bad-value redis 1'] },
  { name: 'Redis in two ways', yaml: beside('redis: { url: "redis://a", cluster: [a] }'), errors: ['bad-value redis.cluster 1'] },
  { name: 'Sentinels without a name', yaml: beside('redis: { sentinels: [a] }'), errors: ['bad-value redis.name 1'] },
  { name: 'a name without sentinels', yaml: beside('redis: { cluster: [a], name: b }'), errors: ['bad-value redis.name 1'] },
  { name: 'a URL of something else', yaml: beside('redis: { url: "http://a" }'), errors: ['unbound-value redis.url 1'] },
  { name: 'a time-out that is none', yaml: beside('redis: { url: "redis://a", timeout: 0s }'), errors: ['bad-value redis.timeout 1'] },
];

/** One correction should do: what is wrong beside an unknown key is told with it. */
const unknownAndMore: readonly Case[] = [
  {
    name: 'a certificate that is not there, beside an unknown key',
    yaml: beside('proxy:\n  listen: 127.0.0.1:1\n  tsl: {}\n  tls: { cert: a.pem, key: a.key }'),
    errors: ['unknown-key proxy.tsl 3', 'unbound-value proxy.tls.cert 4', 'unbound-value proxy.tls.key 4'],
  },
  {
    name: 'a secret that is not there, beside an unknown key deep within',
    yaml: beside('nginx:\n  attempts: { caps: 3 }\n  key: [{ env: NOT_THERE }]'),
    errors: ['unknown-key nginx.attempts.caps 2', 'unbound-value nginx.key[0] 3'],
  },
  {
    name: 'backends that nobody declared or nobody uses, beside an unknown option',
    yaml: `backends:
  mail-a: { host: 10.0.0.11, weigth: 2 }
  mail-b: { host: 10.0.0.12 }
plugins:
  - use: store
  - use: router
    with: { over: [mail-a, mail-c], ovre: [] }`,
    errors: [
      'unknown-key backends.mail-a.weigth 2',
      'backend-unused backends.mail-b 3',
      'backend-unknown plugins[1].with.over[1] 7',
      'unknown-key plugins[1].with.ovre 7',
    ],
  },
  {
    name: 'an option for stores on a router, beside an unknown key of the entry',
    yaml: `backends: { mail-a: { host: 10.0.0.11 } }
plugins:
  - use: store
  - use: router
    nmae: spread
    on: { rejected: next }
    with: { over: [mail-a] }`,
    errors: ['unknown-key plugins[1].nmae 5', 'store-only plugins[1].on 6'],
  },
];

const doors: readonly Case[] = [
  { name: 'an address without a port', yaml: beside('listen: 127.0.0.1'), errors: ['bad-value listen 1'] },
  { name: 'a port above 65535', yaml: beside('listen: 127.0.0.1:65536'), errors: ['bad-value listen 1'] },
  { name: 'a relative socket', yaml: beside('listen: unix:auth.sock'), errors: ['bad-value listen 1'] },
  { name: 'a socket whose path is too long', yaml: beside(`listen: unix:/${'x'.repeat(107)}`), errors: ['bad-value listen 1'] },
  { name: 'the second of two addresses', yaml: beside('listen:\n  - 127.0.0.1:1\n  - nowhere'), errors: ['bad-value listen[1] 3'] },
  { name: 'no door at all', yaml: beside('listen: []'), errors: ['no-door listen 1'] },
  { name: 'an open door without a key', yaml: beside('listen: 0.0.0.0:9143'), errors: ['key-required listen 1'] },
  { name: 'a name that may resolve to anything', yaml: beside('listen: gateway.internal:9143'), errors: ['key-required listen 1'] },
  {
    name: 'an open Express door without a key',
    yaml: beside('proxy:\n  listen: "[::]:9443"'),
    errors: ['key-required proxy.listen 2'],
  },
  {
    name: 'an open operator without a token',
    yaml: beside('operator:\n  listen: 192.0.2.1:9144'),
    errors: ['operator-token-required operator.listen 2'],
  },
  {
    name: 'one address for two doors',
    yaml: beside('listen: 127.0.0.1:9143\noperator: { listen: 127.0.0.1:9143 }'),
    errors: ['listen-twice operator.listen 2'],
  },
  {
    name: 'an address within an address for all',
    yaml: beside('nginx: { key: { env: KEY } }\nlisten: ["0.0.0.0:9143", "127.0.0.1:9143"]'),
    errors: ['listen-twice listen[1] 2'],
  },
  { name: 'one socket twice', yaml: beside('listen: ["unix:/run/a", "unix:/run/a"]'), errors: ['listen-twice listen[1] 1'] },
  {
    name: 'TLS without a key',
    yaml: beside('proxy: { listen: "127.0.0.1:1", tls: { cert: x.pem } }'),
    errors: ['missing-key proxy.tls.key 1'],
  },
  { name: 'an empty list of keys', yaml: beside('nginx: { key: [] }'), errors: ['bad-value nginx.key 1'] },
  { name: 'a key that is not set', yaml: beside('nginx:\n  key: { env: UNSET }'), errors: ['unbound-value nginx.key[0] 2'] },
  { name: 'an empty key', yaml: beside('nginx: { key: { env: EMPTY } }'), errors: ['unbound-value nginx.key[0] 1'] },
  { name: 'a key that is a number', yaml: beside('nginx: { key: 12345 }'), errors: ['bad-value nginx.key 1'] },
  { name: 'a key with a line break', yaml: beside('nginx: { key: { env: TWO_LINES } }'), errors: ['key-unusable nginx.key 1'] },
  { name: 'a token that is no ASCII', yaml: beside('operator: { token: { env: UMLAUT } }'), errors: ['key-unusable operator.token 1'] },
];

const backends: readonly Case[] = [
  ...['0.0.0.0', '::', '255.255.255.255', '224.0.0.1', 'ff02::1', 'fe80::1%eth0'].map((host) => ({
    name: `the host ${host}, which nginx could not be told`,
    yaml: `backends:\n  mail-a: { host: "${host}" }\nplugins:\n  - use: store\n  - { use: router, with: { over: [mail-a] } }`,
    errors: ['bad-value backends.mail-a.host 2'],
  })),
  {
    name: 'a backend without a host',
    yaml: 'backends:\n  mail-a: { imap: 143 }\nplugins:\n  - use: store\n  - { use: router, with: { over: [mail-a] } }',
    errors: ['missing-key backends.mail-a.host 2'],
  },
  {
    name: 'values that are wrong in several backends',
    yaml: 'backends:\n  a: { host: "10.0.0.1:143" }\n  b: { host: b, weight: 0 }\n  c: { host: c, state: on, imap: 0 }\nplugins: [{ use: store }, { use: table }]',
    errors: ['bad-value backends.a.host 2', 'bad-value backends.b.weight 3', 'bad-value backends.c.state 4', 'bad-value backends.c.imap 4'],
  },
  {
    name: 'a name that looks like an address',
    yaml: 'backends:\n  "mail:143": { host: a }\nplugins: [{ use: store }, { use: table }]',
    errors: ['bad-value backends["mail:143"] 2'],
  },
  {
    name: 'a backend that is called like an inherited property',
    yaml: 'backends: { a: { host: a }, __proto__: { host: b } }\nplugins: [{ use: store }, { use: table }]',
    errors: ['unknown-key backends.__proto__ 1'],
  },
  {
    name: 'an unknown variable in a login',
    yaml: 'backends:\n  a: { host: a, login: { user: "{usr}" } }\nplugins: [{ use: store }, { use: table }]',
    errors: ['bad-value backends.a.login.user 2'],
  },
  {
    name: 'a dangling name, and the backend it should have been',
    yaml: 'backends:\n  mail-a: { host: a }\nplugins:\n  - use: store\n  - use: router\n    with:\n      over: [mail-b]',
    errors: ['backend-unused backends.mail-a 2', 'backend-unknown plugins[1].with.over[0] 7'],
  },
  {
    name: 'a dangling name where no backends are declared',
    yaml: 'plugins:\n  - use: store\n  - { use: router, with: { over: [constructor] } }',
    errors: ['backend-unknown plugins[1].with.over[0] 3'],
  },
];

const plugins: readonly Case[] = [
  { name: 'an empty file', yaml: '', errors: ['no-store plugins 1', 'no-router plugins 1'] },
  { name: 'a list in place of a mapping', yaml: '- listen: 1', errors: ['bad-value  1'] },
  { name: 'a plugin list that is a mapping', yaml: 'plugins: { use: store }', errors: ['bad-value plugins 1'] },
  { name: 'no router', yaml: 'plugins:\n  - use: store', errors: ['no-router plugins 1'] },
  { name: 'no store', yaml: 'plugins:\n  - use: table', errors: ['no-store plugins 1'] },
  {
    name: 'stores that are all switched off',
    yaml: 'plugins:\n  - { use: store, mode: off }\n  - use: table',
    errors: ['no-store plugins 1'],
  },
  {
    name: 'a router with a mode, which is no router less for it',
    yaml: 'plugins:\n  - use: store\n  - { use: table, mode: shadow }',
    errors: ['store-only plugins[1].mode 3'],
  },
  { name: 'an entry without use', yaml: beside('').replace('- use: store', '- as: x'), errors: ['missing-key plugins[0].use 4'] },
  { name: 'an entry that is a text', yaml: beside('').replace('- use: store', '- store'), errors: ['bad-value plugins[0] 4'] },
  {
    name: 'two instances of one name',
    yaml: 'plugins:\n  - use: store\n  - use: store\n  - { use: table, as: store }',
    errors: ['duplicate-instance plugins[1].use 3', 'duplicate-instance plugins[2].as 4'],
  },
  {
    name: 'a name that no metric could carry',
    yaml: beside('').replace('- use: store', '- { use: store, as: "a b" }'),
    errors: ['bad-value plugins[0].as 4'],
  },
  {
    name: 'a plugin that is not there',
    yaml: beside('').replace('- use: store', '- use: stor'),
    errors: ['plugin-unresolvable plugins[0].use 4'],
  },
  {
    name: 'a file that is not there',
    yaml: beside('').replace('- use: store', '- use: ./stor.js'),
    errors: ['plugin-unresolvable plugins[0].use 4'],
  },
  {
    name: 'on, mode and a circuit breaker where they mean nothing',
    yaml: 'plugins:\n  - use: store\n  - use: table\n    on: { rejected: stop }\n  - use: policy\n    mode: off\n    limits: { concurrency: 2, breaker: off }',
    errors: ['store-only plugins[1].on 4', 'store-only plugins[2].mode 6', 'store-only plugins[2].limits.breaker 7'],
  },
  {
    name: 'limits that are none',
    yaml: 'plugins:\n  - use: store\n    limits:\n      concurrency: 0\n      timeout: 2m\n      breaker: on\n      que: 1\n  - use: table',
    errors: [
      'bad-value plugins[0].limits.concurrency 4',
      'bad-value plugins[0].limits.timeout 5',
      'bad-value plugins[0].limits.breaker 6',
      'unknown-key plugins[0].limits.que 7',
    ],
  },
  { name: 'nothing but a shadow', yaml: 'plugins:\n  - { use: store, mode: shadow }\n  - use: table', errors: ['no-store plugins 1'] },
  {
    name: 'a policy that would be left out of what another one answers',
    yaml: 'plugins:\n  - use: policy\n  - { use: answering, as: one }\n  - use: store\n  - { use: answering, as: two }\n  - { use: policy, as: late }\n  - use: table',
    errors: ['policy-order plugins[1].use 3', 'policy-order plugins[3].use 5'],
  },
  {
    name: 'stores that are asked by a name that is none, is off, or is something else',
    yaml: 'plugins:\n  - use: store\n  - { use: store, as: old, mode: off }\n  - { use: store, as: new, mode: shadow }\n  - use: asking\n    with:\n      stores:\n        - stroe\n        - old\n        - table\n        - new\n        - store\n  - use: table',
    errors: [
      'store-unknown plugins[3].with.stores[0] 8',
      'store-unknown plugins[3].with.stores[1] 9',
      'store-unknown plugins[3].with.stores[2] 10',
    ],
  },
  {
    name: 'conditions of all kinds',
    yaml: 'plugins:\n  - use: store\n    when:\n      protocol: [imap, http]\n      client: 10.0.0.0/99\n      percent: 101\n      domian: x.org\n  - use: table',
    errors: [
      'bad-value plugins[0].when.protocol[1] 4',
      'bad-value plugins[0].when.client 5',
      'bad-value plugins[0].when.percent 6',
      'unknown-key plugins[0].when.domian 7',
    ],
  },
  {
    name: 'a step that is no step',
    yaml: 'plugins:\n  - { use: store, on: { rejected: go, accepted: stop } }\n  - use: table',
    errors: ['unknown-key plugins[0].on.accepted 2', 'bad-value plugins[0].on.rejected 2'].toReversed(),
  },
  {
    name: 'options that the plugin refuses',
    yaml: 'plugins:\n  - use: store\n    with:\n      usres: {}\n      bind:\n        dn: cn=x\n      ttl: long\n  - use: table',
    errors: ['unknown-key plugins[0].with.usres 4', 'missing-key plugins[0].with.bind.password 5', 'bad-value plugins[0].with.ttl 7'],
  },
  {
    name: 'options that are a list',
    yaml: 'plugins:\n  - { use: store, with: [] }\n  - use: table',
    errors: ['bad-value plugins[0].with 2'],
  },
  {
    name: 'a file and a secret that cannot be had',
    yaml: 'plugins:\n  - use: store\n    with:\n      file: nowhere.txt\n      bind: { dn: x, password: { file: nowhere.key } }\n  - use: table',
    errors: ['unbound-value plugins[0].with.file 4', 'unbound-value plugins[0].with.bind.password 5'],
  },
  {
    name: 'what the plugin itself advises against',
    yaml: 'plugins:\n  - { use: store, with: { advice: error } }\n  - use: table',
    errors: ['plugin-refused plugins[0].with.advice 2'],
  },
  {
    name: 'a schema that throws',
    yaml: 'plugins:\n  - use: store\n  - use: table\n  - { use: throwing, with: { at: schema } }',
    errors: ['plugin-failed plugins[2].with 4'],
  },
  {
    name: 'an inspection that throws',
    yaml: 'plugins:\n  - use: store\n  - use: table\n  - { use: throwing, with: { at: inspect } }',
    errors: ['plugin-failed plugins[2].with 4'],
  },
];

describe('reading a config', () => {
  let room: ConfigRoom;

  beforeAll(async () => {
    room = await ConfigRoom.open();
    room.env = { KEY: 'a-key', EMPTY: '', TWO_LINES: 'a\nb', UMLAUT: 'schlüssel' };
  });
  afterAll(() => room.close());

  it('takes a good one, and gives no config as soon as there is an error', async () => {
    const reading = await room.read(good);
    expect(reading.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(reading.config?.plugins.map(({ name }) => name)).toEqual(['store', 'router']);
    expect((await room.read(beside('nginks: 1'))).config).toBeUndefined();
  });

  it.each([...core, ...unknownAndMore, ...doors, ...backends, ...plugins])('tells of $name', async ({ yaml, errors }) => {
    expect(await room.errors(yaml)).toEqual(errors);
  });

  it('tells everything at once, in the order of the file', async () => {
    const all = [
      'listen: nowhere',
      'nginx: { kye: x, deadline: soon }',
      'log: { level: loud }',
      'backends:',
      '  mail-a: { host: a, weight: -1 }',
      'plugins:',
      '  - use: nothing-like-it',
      '  - { use: store, with: { bad: 1 } }',
      '  - { use: router, with: { over: [mail-x] } }',
      'listne: 1',
    ].join('\n');
    expect(await room.errors(all)).toEqual([
      'bad-value listen 1',
      'unknown-key nginx.kye 2',
      'bad-value nginx.deadline 2',
      'bad-value log.level 3',
      'bad-value backends.mail-a.weight 5',
      'plugin-unresolvable plugins[0].use 7',
      'unknown-key plugins[1].with.bad 8',
      'backend-unknown plugins[2].with.over[0] 9',
      'unknown-key listne 10',
    ]);
  });

  it.each([
    ['an unknown section', 'nginks: {}', 'Did you mean nginx?'],
    ['an unknown key', 'nginx: { dedline: 5s }', 'Did you mean deadline?'],
    ['a merge key', 'nginx: { <<: { deadline: 5s } }', 'write the keys out'],
    ['an unknown word', 'log: { level: wran }', 'Did you mean warn?'],
    ['letters that changed places', 'lisetn: x', 'Did you mean listen?'],
  ])('guesses what was meant by %s', async (_, yaml, guess) => {
    const { problems } = await room.read(beside(yaml));
    expect(problems.find(({ severity }) => severity === 'error')?.hint).toContain(guess);
  });

  it('guesses plugins, options of plugins and backends too', async () => {
    const { problems } = await room.read(
      'backends: { mail-a: { host: a } }\nplugins:\n  - { use: stroe }\n  - { use: store, with: { usrs: {} } }\n  - { use: router, with: { over: [mial-a] } }',
    );
    const hints = problems.filter(({ severity }) => severity === 'error').map(({ hint }) => hint);
    expect(hints[0]).toContain('Did you mean store?');
    expect(hints[1]).toContain('Did you mean users?');
    expect(hints[2]).toContain('Did you mean mail-a?');
  });

  it('guesses nothing where nothing is near', async () => {
    const { problems } = await room.read(beside('quux: {}'));
    expect(problems.find(({ code }) => code === 'unknown-key')?.hint).not.toContain('Did you mean');
  });

  it('gives line and column', async () => {
    const { problems } = await room.read(beside('nginx:\n  deadline: soon'));
    const [problem] = problems.filter(({ severity }) => severity === 'error');
    expect([problem?.line, problem?.column, problem?.file]).toEqual([2, 13, room.file]);
  });

  it('counts no backend as unused where a plugin names them at run time, or cannot be read', async () => {
    const unused = 'backends: { mail-a: { host: a }, mail-b: { host: b } }\nplugins:\n  - use: store\n';
    expect(await room.errors(`${unused}  - { use: router, with: { over: [mail-a] } }`)).toEqual(['backend-unused backends.mail-b 1']);
    expect(await room.errors(`${unused}  - { use: router, with: { over: [mail-a] } }\n  - use: table`)).toEqual([]);
    expect(await room.errors(`${unused}  - { use: router, with: { ovre: [mail-a] } }`)).not.toContain('backend-unused backends.mail-b 1');
  });

  it('asks nothing of the secrets of a store that is switched off', async () => {
    const yaml =
      'plugins:\n  - use: store\n  - { use: store, as: old, mode: off, with: { bind: { dn: x, password: { env: UNSET } } } }\n  - use: table';
    const { config } = await room.read(yaml);
    expect(config?.plugins.map(({ name, mode }) => `${name} ${mode}`)).toEqual(['store answer', 'old off', 'table answer']);
  });
});
