import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation, describeWithServers } from '@postern/testkit';
import { readFileSync } from 'node:fs';
import { ann, bob, masterUser, type Person } from './setup/people.js';
import { Stage } from './setup/stage.js';
import { byDomain, peopleStore, type UsualConfig } from './setup/usual-config.js';

const reloaded = /"msg":"reloaded"/u;
const kept = /"msg":"not reloaded: [^"]*"/u;

describeWithServers({ describe, it }, 'the plugin list is edited and reloaded', () => {
  let stage: Stage;
  let usual: UsualConfig;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners: () => [
        { protocol: 'imap' },
        { protocol: 'pop3' },
        { name: 'frank', protocol: 'imap', directives: ['proxy_pass_error_message on;'] },
      ],
      config: (given, room) => (usual = { ...given, listen: `unix:${room.path('auth.sock')}` }),
    });
  }, 120_000);
  afterAll(() => stage.close());

  const open = async ({ user, password }: Person): Promise<Conversation> => {
    const client = await Conversation.open(stage.endpoint('imap'));
    await client.line();
    expect(await client.ask(`a LOGIN ${user} "${password}"`)).toMatch(/^a OK/u);
    return client;
  };

  const look = async (client: Conversation): Promise<string> => {
    client.send('l LIST "" "on-*"\r\n');
    return /on-(mail-[ab])/u.exec((await client.linesUntil(/^l /u)).join('\n'))?.[1] ?? 'nowhere';
  };

  const placeOf = async (person: Person): Promise<string> => {
    const client = await open(person);
    const place = await look(client);
    client.close();
    return place;
  };

  it('moves people to the other server while nginx stays as it is, and leaves open sessions where they are', async () => {
    const { pid } = stage.nginx.process;
    const gatewayPid = stage.gateway.pid;
    const session = await open(ann);
    expect(await look(session)).toBe('mail-a');
    await stage.gateway.reload({ ...usual, plugins: [peopleStore, byDomain('mail-b', 'mail-a')] }, reloaded);
    expect([await placeOf(ann), await placeOf(bob)]).toEqual(['mail-b', 'mail-a']);
    expect(await look(session)).toBe('mail-a');
    session.close();
    expect(readFileSync(stage.nginx.configPath, 'utf8')).toBe(stage.nginx.configText);
    expect(stage.nginx.process.pid).toBe(pid);
    expect(stage.gateway.pid).toBe(gatewayPid);
  });

  it('swaps one kind of router for another', async () => {
    const table = { use: 'table', with: { keys: ['{user}', '{domain}', '*'], map: { [ann.user]: 'mail-b', '*': 'mail-a' } } };
    await stage.gateway.reload({ ...usual, plugins: [peopleStore, table] }, reloaded);
    expect([await placeOf(ann), await placeOf(bob)]).toEqual(['mail-b', 'mail-a']);
    await stage.gateway.reload(usual, reloaded);
    expect([await placeOf(ann), await placeOf(bob)]).toEqual(['mail-a', 'mail-b']);
  });

  it('keeps serving the old config when the new one is wrong, and says why', async () => {
    await stage.gateway.reload({ ...usual, plugins: [peopleStore, byDomain('mail-a', 'mail-z')] }, kept);
    expect(stage.gateway.output()).toContain('mail-z');
    expect([await placeOf(ann), await placeOf(bob)]).toEqual(['mail-a', 'mail-b']);
  });

  it("sends a master user's login in place of what was typed", async () => {
    const own = { ...ann, password: 'canary-known-here-only' };
    const store = { use: 'static', as: 'people', with: { users: { [own.user]: `{PLAIN}${own.password}` } } };
    const login = { user: `{user}*${masterUser.name}`, password: { env: 'MASTER' } };
    const backends = { ...usual.backends, 'mail-a': { ...usual.backends['mail-a'], login } };
    await stage.gateway.reload({ ...usual, backends, plugins: [store, byDomain('mail-a', 'mail-b')] }, reloaded);
    const client = await Conversation.open(stage.endpoint('pop3'));
    await client.line();
    await client.ask(`USER ${own.user}`);
    expect(await client.ask(`PASS ${own.password}`)).toMatch(/^\+OK/u);
    client.send('RETR 1\r\n');
    expect(await client.linesUntil(/^\.$/u)).toContain(`Subject: mail-a ${ann.user}`);
    client.close();
    expect(stage.servers.a.output()).toContain(`Master user logging in as ${ann.user}`);
  });

  it("passes on a mail server's own words where nginx is told to, when only that server says no", async () => {
    const own = { ...bob, password: 'canary-known-here-only' };
    const store = { use: 'static', as: 'people', with: { users: { [own.user]: `{PLAIN}${own.password}` } } };
    await stage.gateway.reload({ ...usual, plugins: [store, byDomain('mail-a', 'mail-b')] }, reloaded);
    const answers: string[] = [];
    for (const listener of ['imap', 'frank']) {
      const client = await Conversation.open(stage.endpoint(listener));
      await client.line();
      answers.push(await client.ask(`a LOGIN ${own.user} ${own.password}`));
      client.close();
    }
    expect(answers).toEqual(['* BAD internal server error', 'a NO [AUTHENTICATIONFAILED] Authentication failed.']);
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
