import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithServers, ServerRoom, slapdSuffix, startSlapd } from '@postern/testkit';
import { Peer } from '../doors/support/peer.js';
import { sqliteFile } from '../end-to-end/setup/sqlite-file.js';
import { questionBytes } from '../support/ask.js';
import { ConfigFolder } from '../support/config-folder.js';
import { RunningGateway } from '../support/running-gateway.js';
import { expectHarmless } from './support/expect-harmless.js';
import { hostileStore, slots } from './support/hostile-store.js';
import { hostileValues } from './support/hostile-values.js';

jest.setTimeout(120_000);

const doors = ['nginx', 'proxy'] as const;

/** A gateway with both doors, with these stores; a table that believes the attribute `host`, then one backend for all. */
const startGateway = async (folder: ConfigFolder, stores: readonly object[]): Promise<RunningGateway> => {
  folder.write({
    listen: '127.0.0.1:0',
    proxy: { listen: '127.0.0.1:0' },
    operator: { listen: '127.0.0.1:0' },
    health: 'off',
    nginx: { attempts: { cap: 1 } },
    backends: { 'mail-a': { host: '127.0.0.1' } },
    plugins: [...stores, { use: 'table', with: { attribute: 'host' } }, { use: 'hash', with: { over: ['mail-a'] } }],
  });
  const gateway = new RunningGateway(folder);
  await gateway.until(/^postern is ready: .*$/m);
  return gateway;
};

/** The reply of every door, which must be harmless; gives their words. */
const askEverywhere = async (gateway: RunningGateway, user: string, protocol = 'imap'): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const door of doors) {
    const peer = await Peer.connect(gateway.door(door));
    peer.send(questionBytes({ user, protocol }));
    said.push(expectHarmless(await peer.receive(), { user, door }).status);
  }
  return said;
};

describe('header injection through what a store says', () => {
  let folder: ConfigFolder;
  let gateway: RunningGateway;
  beforeAll(async () => {
    folder = new ConfigFolder();
    folder.add('hostile.mjs', hostileStore(hostileValues));
    gateway = await startGateway(folder, [{ use: './hostile.mjs' }]);
  });
  afterAll(async () => {
    await gateway.stop();
    folder.remove();
  });

  it.each(slots)('%s: every hostile value ends in one well-formed reply at both doors', async (slot) => {
    const said: string[] = [];
    for (const protocol of ['imap', 'smtp']) {
      for (const index of hostileValues.keys())
        said.push(...(await askEverywhere(gateway, `${slot}-${index}@hostile.example.org`, protocol)));
    }
    // None of them is the fault of who logs in.
    expect(said.filter((status) => /AUTHENTICATIONFAILED|^535/.test(status))).toEqual([]);
  });

  it('says in the log what could not be said, on one line and without the value', () => {
    const broken = gateway.io.stdout.lines.filter((line) => line.startsWith('{') && !line.endsWith('}'));
    expect(broken).toEqual([]);
    expect(gateway.io.stdout.text).not.toMatch(/\x1b\[2J|^X-Injected/m);
  });
});

/** SQL and YAML can hold every value; a directory takes those that its syntax allows. */
const userOf = (index: number): string => `user${index}@example.org`;

describe('header injection through the bundled stores', () => {
  let room: ServerRoom;
  let folder: ConfigFolder;
  beforeAll(async () => {
    room = await ServerRoom.open();
    folder = new ConfigFolder();
  });
  afterAll(async () => {
    await room.close();
    folder.remove();
  });

  const all = async (stores: readonly object[]): Promise<void> => {
    const gateway = await startGateway(folder, stores);
    try {
      for (const index of hostileValues.keys()) await askEverywhere(gateway, userOf(index));
    } finally {
      await gateway.stop();
    }
  };

  it('static: attributes, and user names in the config', async () => {
    const people = hostileValues.map(
      (value, index) => [userOf(index), { password: '{PLAIN}sesame', attributes: { host: value } }] as const,
    );
    await all([{ use: 'static', with: { users: Object.fromEntries(people) } }]);
  });

  it('static: a passwd-file with fields of its own', async () => {
    const lines = hostileValues.map(
      (value, index) => `${userOf(index)}:{PLAIN}sesame::::::host=${value.replaceAll(/[\r\n]/g, '')} user=${value}`,
    );
    folder.add('passwd', lines.join('\n'));
    await all([{ use: 'static', with: { file: 'passwd', format: 'passwd-file' } }]);
  });

  it.each(['user', 'host'])('sql: the column %s', async (column) => {
    const quoted = (text: string): string => `cast(x'${Buffer.from(text).toString('hex')}' as text)`;
    const rows = hostileValues.map((value, index) => `('${userOf(index)}', '{PLAIN}sesame', ${quoted(value)})`);
    const setup = `create table users (email text, password text, said text); insert into users values ${rows.join(', ')};`;
    const path = await sqliteFile(room, `${column}.db`, setup);
    const query = `select password, said as "${column}" from users where email = {user}`;
    await all([{ use: 'sql', with: { url: `sqlite:${path}`, query, allowWeak: ['PLAIN'] } }]);
  });
});

describeWithServers({ describe, it }, 'header injection through a directory', () => {
  let room: ServerRoom;
  let folder: ConfigFolder;
  beforeAll(async () => {
    room = await ServerRoom.open();
    folder = new ConfigFolder();
  });
  afterAll(async () => {
    await room.close();
    folder.remove();
  });

  it('ldap: an attribute', async () => {
    // The directory itself refuses what is no text: an empty value, blanks only, half a surrogate pair.
    const values = hostileValues.filter((value) => value.trim() !== '' && value !== '\ud800');
    const people = values.map((value, index) => {
      const [dn, text] = [`uid=user${index},ou=people,${slapdSuffix}`, Buffer.from(value).toString('base64')];
      return `dn: ${dn}\nobjectClass: inetOrgPerson\nuid: user${index}\ncn: x\nsn: x\nmail: ${userOf(index)}\nuserPassword: sesame\ndescription:: ${text}\n`;
    });
    const ldif = [`dn: ou=people,${slapdSuffix}\nobjectClass: organizationalUnit\nou: people\n`, ...people].join('\n');
    const slapd = await startSlapd(room, { name: 'slapd', ldif });
    const config = {
      url: `ldap://127.0.0.1:${slapd.port}`,
      base: slapdSuffix,
      filter: '(mail={user})',
      attributes: { host: 'description' },
    };
    const gateway = await startGateway(folder, [{ use: 'ldap', with: config }]);
    try {
      for (const index of values.keys()) await askEverywhere(gateway, userOf(index));
    } finally {
      await gateway.stop();
    }
  });
});
