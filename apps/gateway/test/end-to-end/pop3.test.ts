import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation, describeWithServers } from '@postern/testkit';
import { createHash } from 'node:crypto';
import { curl } from './setup/curl.js';
import { ann, bob, dora, nobody, ursula, wrong, type Person } from './setup/people.js';
import type { Way } from './setup/python-client.js';
import { Stage } from './setup/stage.js';

const ways: readonly Way[] = ['USER/PASS', 'APOP'];
const wrongPassword = '-ERR [AUTH] Invalid user name or password';

describeWithServers({ describe, it }, 'POP3 through nginx', () => {
  let stage: Stage;
  const digests: string[] = [];
  beforeAll(async () => {
    stage = await Stage.open({
      listeners: () => [{ protocol: 'pop3', mechanisms: ['plain', 'apop', 'cram-md5'] }],
    });
  }, 120_000);
  afterAll(() => stage.close());

  const python = (mechanism: Way, ...people: readonly Person[]) =>
    stage.python.logIn({ protocol: 'pop3', ...stage.endpoint('pop3'), attempts: people.map((person) => ({ mechanism, ...person })) });

  const curlMail = (person: Person, way: string) => {
    const { host, port } = stage.endpoint('pop3');
    return curl([`pop3://${host}:${String(port)}/1`, '-u', `${person.user}:${person.password}`, '--login-options', `AUTH=${way}`]);
  };

  const raw = async (): Promise<{ client: Conversation; salt: string }> => {
    const client = await Conversation.open(stage.endpoint('pop3'));
    const greeting = await client.line();
    return { client, salt: /<.*>/u.exec(greeting)?.[0] ?? '' };
  };

  const tryPassword = async ({ user, password }: Person): Promise<string> => {
    const { client } = await raw();
    expect(await client.ask(`USER ${user}`)).toMatch(/^\+OK/u);
    const answer = await client.ask(`PASS ${password}`);
    client.close();
    return answer;
  };

  it.each(ways)('lets people in with %s and lands each on the server of their domain, in their own mailbox', async (way) => {
    const [first, second] = await Promise.all([python(way, ann), python(way, bob)]);
    expect(first).toMatchObject({ attempts: [{ ok: true }], mailbox: `Subject: mail-a ${ann.user}` });
    expect(second).toMatchObject({ attempts: [{ ok: true }], mailbox: `Subject: mail-b ${bob.user}` });
  });

  it.each(ways)('carries the awkward password unharmed with %s', async (way) => {
    expect(await python(way, ursula)).toMatchObject({ attempts: [{ ok: true }], mailbox: `Subject: mail-b ${ursula.user}` });
  });

  it('says that a password is wrong, in every mechanism, and reaches no mailbox', async () => {
    for (const answer of await Promise.all(ways.map((way) => python(way, wrong(ann))))) {
      expect(answer).toMatchObject({ attempts: [{ ok: false, said: expect.stringContaining(wrongPassword) }], mailbox: null });
    }
  });

  it.each(['+APOP', 'PLAIN', 'LOGIN', 'CRAM-MD5'])('lets curl in with AUTH=%s and denies it a wrong password', async (way) => {
    const [right, awkward, denied] = await Promise.all([curlMail(bob, way), curlMail(ursula, way), curlMail(wrong(bob), way)]);
    expect(right).toMatchObject({ exit: 0, out: expect.stringContaining(`Subject: mail-b ${bob.user}`) });
    expect(awkward).toMatchObject({ exit: 0, out: expect.stringContaining(`Subject: mail-b ${ursula.user}`) });
    expect(denied).toMatchObject({ exit: 67, said: expect.stringContaining(wrongPassword) });
  });

  it('serves commands that were sent before the login was answered', async () => {
    const { client } = await raw();
    client.send(`USER ${ann.user}\r\nPASS ${ann.password}\r\nRETR 1\r\nQUIT\r\n`);
    const lines = await client.linesUntil(/^\.$/u);
    expect(lines).toContain(`Subject: mail-a ${ann.user}`);
    client.close();
  });

  it('keeps blanks at the end of a password, where they make it another one', async () => {
    expect(await tryPassword({ ...ann, password: `${ann.password} ` })).toBe(wrongPassword);
  });

  it('rule 59: unknown user, wrong password and a disabled account with a wrong password hear the same words', async () => {
    const heard = await Promise.all([nobody, wrong(ann), wrong(dora)].map(tryPassword));
    expect(heard).toEqual([wrongPassword, wrongPassword, wrongPassword]);
  });

  it('tells a disabled account so only when the password was right', async () => {
    expect(await tryPassword(dora)).toBe('-ERR [AUTH] This account is disabled');
  });

  it('rule 30: a digest made by hand is right, in capitals too', async () => {
    const { client, salt } = await raw();
    const digest = createHash('md5').update(`${salt}${ann.password}`).digest('hex').toUpperCase();
    digests.push(digest, digest.toLowerCase());
    expect(await client.ask(`APOP ${ann.user} ${digest}`)).toMatch(/^\+OK/u);
    client.close();
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks(digests)).toEqual([]);
  });
});
