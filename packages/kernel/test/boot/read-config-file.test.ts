import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemText, readConfig } from '@postern/kernel';
import { ConfigRoom } from './support/config-room.js';

describe('the config file itself', () => {
  let room: ConfigRoom;

  beforeAll(async () => {
    room = await ConfigRoom.open();
  });
  afterAll(() => room.close());

  const codes = async (file: string): Promise<readonly string[]> =>
    (await readConfig(file, room.source, {})).problems.map((problem) => `${problem.code}: ${problem.message}`);

  it('is told to be missing, a folder, or not UTF-8', async () => {
    expect(await codes(join(room.directory, 'nowhere.yaml'))).toEqual(['config-unreadable: the config file is not there']);
    await mkdir(join(room.directory, 'folder'));
    expect(await codes(join(room.directory, 'folder'))).toEqual(['config-unreadable: the config file is a folder']);
    const latin1 = await room.write('latin1.yaml', Buffer.from('listen: "\xfc"', 'latin1'));
    expect(await codes(latin1)).toEqual(['config-unreadable: the config file is not UTF-8 text']);
  });

  it('gives the text that it has checked, and none when there is none', async () => {
    expect((await room.read('plugins: [{ use: nothing }]')).text).toBe('plugins: [{ use: nothing }]');
    expect((await readConfig(join(room.directory, 'nowhere.yaml'), room.source, {})).text).toBeUndefined();
  });

  it('may begin with a byte order mark and have Windows line ends', async () => {
    expect(await room.errors('\uFEFFplugins:\r\n  - use: store\r\n  - use: table\r\n')).toEqual([]);
  });

  it.each([
    ['a key that stands twice', 'log: { level: info }\nlog: { level: warn }', 'yaml-duplicate-key  2'],
    ['a key that stands twice deep inside', 'plugins:\n  - use: store\n    use: table', 'yaml-duplicate-key  3'],
    ['an alias bomb', bomb(), 'yaml-alias  1'],
    ['an alias within itself', 'a: &a\n  b: [*a]', 'yaml-alias  2'],
    ['an alias without an anchor', 'a: 1\nb: *nobody', 'yaml-alias  2'],
    ['an unknown tag', 'a: 1\nb: !env NAME', 'yaml-syntax  2'],
    ['a quote that is not closed', 'a: "x', 'yaml-syntax  1'],
    ['tabs', 'a:\n\tb: 1', 'yaml-syntax  2'],
    ['two documents', 'a: 1\n---\nb: 1', 'yaml-syntax  2'],
    ['a key that is a list', '? [a]\n: 1', 'yaml-syntax  1'],
  ])('is refused for %s', async (_, yaml, error) => {
    expect(await room.errors(yaml)).toContain(error);
  });

  it('is not checked further where its structure cannot be known', async () => {
    expect(await room.errors('nginks: 1\na: "x')).toEqual(['yaml-syntax  2']);
  });

  it('is checked further beside a key that stands twice', async () => {
    expect(await room.errors('nginks: 1\nplugins: []\nplugins: [{ use: store }, { use: table }]')).toEqual([
      'unknown-key nginks 1',
      'yaml-duplicate-key  3',
    ]);
  });

  it('takes aliases that are used with measure', async () => {
    expect(
      await room.errors('backends: { a: &a { host: a }, b: *a }\nplugins: [{ use: store }, { use: router, with: { over: [a, b] } }]'),
    ).toEqual([]);
  });

  it('takes words that older YAML made into truth values as what they are', async () => {
    const { config } = await room.read('health: off\nplugins: [{ use: store }, { use: table, when: { domain: no } }]');
    expect([config?.core.health, config?.plugins[1]?.when?.domain]).toEqual(['off', 'no']);
  });

  it('reads a mapping of twenty thousand entries, and finds the one that stands twice', async () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => `u${index}@x.org: p${index}`).join(', ');
    const errors = await room.errors(`plugins: [{ use: table }, { use: store, with: { users: { ${entries}, u7@x.org: again } } }]`);
    expect(errors).toEqual(['yaml-duplicate-key  1']);
  });

  it('has its problems told in one line each, with the hint below', async () => {
    const { problems } = await room.read('nginx: { dedline: 5s }\nplugins: [{ use: store }, { use: table }]');
    const [error] = problems.filter(({ severity }) => severity === 'error');
    expect(error && problemText(error, 'postern.yaml')).toBe(
      'postern.yaml:1:10  error  unknown-key  nginx.dedline: unknown key "dedline"\n' +
        '    Did you mean deadline? Known here: key, deadline, maxInFlight, allow, requireTls, trustedProxies, attempts, digestWait, none.',
    );
  });
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++) lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}]`);
  return lines.join('\n');
}
