import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation, describeWithServers } from '@postern/testkit';
import { curl } from './setup/curl.js';
import { ann, bob, dora, nobody, ursula, wrong, type Person } from './setup/people.js';
import type { Way } from './setup/python-client.js';
import { Stage } from './setup/stage.js';

const ways: readonly Way[] = ['PLAIN', 'LOGIN', 'CRAM-MD5'];
const wrongPassword = '535 5.7.8 Invalid user name or password';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plainProof = ({ user, password }: Person): string => base64(`\0${user}\0${password}`);

const greet = async (stage: Stage, listener: string): Promise<Conversation> => {
  const client = await Conversation.open(stage.endpoint(listener));
  await client.line();
  client.send('EHLO client.example.net\r\n');
  await client.linesUntil(/^250 /u);
  return client;
};

describeWithServers({ describe, it }, 'SMTP submission through nginx, with proxy_smtp_auth', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners: () => [{ protocol: 'smtp', mechanisms: ['plain', 'login', 'cram-md5'], xclient: false, proxySmtpAuth: true }],
    });
  }, 120_000);
  afterAll(() => stage.close());

  const python = (mechanism: Way, ...people: readonly Person[]) =>
    stage.python.logIn({ protocol: 'smtp', ...stage.endpoint('smtp'), attempts: people.map((person) => ({ mechanism, ...person })) });

  const submit = async (client: Conversation, from: string): Promise<void> => {
    for (const line of [`MAIL FROM:<${from}>`, 'RCPT TO:<far@example.net>', 'DATA']) expect(await client.ask(line)).toMatch(/^[23]/u);
    expect(await client.ask(`Subject: from ${from}\r\n\r\nhello\r\n.`)).toMatch(/^250/u);
  };

  it.each(ways)('lets people in with %s and lands each on the server of their domain', async (way) => {
    const [first, second] = await Promise.all([python(way, ann), python(way, bob)]);
    expect(first).toMatchObject({ attempts: [{ ok: true }], mailbox: 'mail-a' });
    expect(second).toMatchObject({ attempts: [{ ok: true }], mailbox: 'mail-b' });
  });

  it('says that a password is wrong, in every mechanism, and reaches no server', async () => {
    for (const answer of await Promise.all(ways.map((way) => python(way, wrong(ann))))) {
      expect(answer).toMatchObject({ attempts: [{ ok: false, said: expect.stringContaining('535 5.7.8 Invalid') }], mailbox: null });
    }
  });

  it('carries the awkward password unharmed', async () => {
    expect(await python('PLAIN', ursula)).toMatchObject({ attempts: [{ ok: true }], mailbox: 'mail-b' });
  });

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('lets curl send a message with AUTH=%s through the right server', async (way) => {
    const { host, port } = stage.endpoint('smtp');
    const message = await stage.servers.room.write(`message-${way}`, `Subject: by ${way}\r\n\r\nhello\r\n`);
    const send = ({ user, password }: Person) =>
      curl([
        ...[`smtp://${host}:${String(port)}`, '-u', `${user}:${password}`, '--login-options', `AUTH=${way}`],
        ...['--mail-from', user, '--mail-rcpt', 'far@example.net', '-T', message],
      ]);
    const [accepted, denied] = await Promise.all([send(ursula), send(wrong(ursula))]);
    expect(accepted).toMatchObject({ exit: 0 });
    expect(denied).toMatchObject({ exit: 67, said: expect.stringContaining(wrongPassword) });
    const sent = stage.servers.relay.messages.find(({ text }) => text.includes(`Subject: by ${way}`));
    expect(sent).toMatchObject({ from: ursula.user, to: ['far@example.net'] });
    expect(sent?.text).toContain('by mail-b');
  });

  it('serves a message that was sent before the login was answered', async () => {
    const client = await greet(stage, 'smtp');
    client.send(`AUTH PLAIN ${plainProof(ann)}\r\nNOOP\r\n`);
    expect(await client.line()).toMatch(/^235/u);
    expect(await client.line()).toMatch(/^250/u);
    await submit(client, ann.user);
    client.close();
  });

  it('rule 59: unknown user, wrong password and a disabled account with a wrong password hear the same words', async () => {
    const heard = await Promise.all(
      [nobody, wrong(ann), wrong(dora)].map(async (person) => {
        const client = await greet(stage, 'smtp');
        const answer = await client.ask(`AUTH PLAIN ${plainProof(person)}`);
        client.close();
        return answer;
      }),
    );
    expect(heard).toEqual([wrongPassword, wrongPassword, wrongPassword]);
  });

  it('rule 02, rule 04: takes the longest request nginx makes, of some 18,000 bytes, for what it is: a wrong password', async () => {
    const client = await greet(stage, 'smtp');
    const long = base64('%'.repeat(3000));
    expect(await client.ask('AUTH LOGIN')).toMatch(/^334/u);
    expect(await client.ask(long)).toMatch(/^334/u);
    expect(await client.ask(long)).toBe(wrongPassword);
    client.close();
  });

  it('tells a disabled account so only when the password was right', async () => {
    const client = await greet(stage, 'smtp');
    expect(await client.ask(`AUTH PLAIN ${plainProof(dora)}`)).toBe('535 5.7.8 This account is disabled');
    client.close();
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});

describeWithServers({ describe, it }, 'SMTP through nginx with XCLIENT, and mail without a login', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      tinySmtp: true,
      listeners: ({ door }) => [
        { protocol: 'smtp', mechanisms: ['plain'] },
        { name: 'inbound', protocol: 'smtp', mechanisms: ['none'] },
        { name: 'known', protocol: 'smtp', mechanisms: ['none'], authHttp: door('known') },
        { name: 'closed', protocol: 'smtp', mechanisms: ['none'], authHttp: door('closed') },
      ],
      config: (usual) => ({ ...usual, nginx: { ...usual.nginx, none: { domains: ['a.example.org', 'b.example.org'] } } }),
      more: {
        known: (usual) => ({
          ...usual,
          nginx: { ...usual.nginx, attempts: { waits: [1] }, none: { domains: ['a.example.org'], knownRecipients: true } },
        }),
        closed: (usual) => usual,
      },
    });
  }, 120_000);
  afterAll(() => stage.close());

  const backend = (which: 'a' | 'b') => {
    const { smtp } = stage.servers;
    if (smtp === undefined) throw new Error('the stage has tiny SMTP backends');
    return smtp[which];
  };

  /** From the greeting to the answer to each RCPT, on one connection. */
  const rcpt = async (listener: string, ...recipients: readonly string[]): Promise<readonly string[]> => {
    const client = await greet(stage, listener);
    expect(await client.ask('MAIL FROM:<far@example.net>')).toMatch(/^250/u);
    const answers: string[] = [];
    for (const each of recipients) answers.push(await client.ask(`RCPT TO:<${each}>`));
    client.close();
    return answers;
  };

  it('names the person to the mail server by XCLIENT, by the canonical name, and sends it no password', async () => {
    const client = await greet(stage, 'smtp');
    expect(await client.ask(`AUTH PLAIN ${plainProof({ ...ann, user: 'ANN@a.example.org' })}`)).toMatch(/^235/u);
    expect(await client.ask('EHLO client.example.net')).toBe('250-mail-a');
    client.close();
    expect(backend('a').commands).toContainEqual(expect.stringMatching(/^XCLIENT ADDR=127\.0\.0\.1 LOGIN=ann@a\.example\.org /u));
    expect(backend('a').logins).toEqual([]);
  });

  it('rule 35: takes mail without a login for the configured domains only', async () => {
    expect(await rcpt('inbound', ann.user)).toEqual(['250 2.1.5 taken by mail-a']);
    expect(await rcpt('inbound', bob.user)).toEqual(['250 2.1.5 taken by mail-b']);
    expect(await rcpt('inbound', 'far@example.com')).toEqual(['550 5.7.1 Relaying is not allowed']);
  });

  it('rule 35: takes none by default', async () => {
    expect(await rcpt('closed', ann.user)).toEqual(['550 5.7.1 Relaying is not allowed']);
  });

  it('takes mail only for recipients that a store knows, where so configured', async () => {
    const [known, unknown] = await Promise.all([rcpt('known', ann.user), rcpt('known', nobody.user)]);
    expect(known).toEqual(['250 2.1.5 taken by mail-a']);
    expect(unknown).toEqual(['550 5.1.1 There is no such recipient here']);
  });

  it('rule 62: a rejected recipient does not cost the others theirs', async () => {
    expect(await rcpt('known', nobody.user, ann.user)).toEqual(['550 5.1.1 There is no such recipient here', '250 2.1.5 taken by mail-a']);
  });

  it('rule 36: after the first accepted recipient the rest of the connection is between client and server', async () => {
    const { length } = stage.gateway.output();
    expect(await rcpt('inbound', ann.user, 'far@example.com')).toEqual(['250 2.1.5 taken by mail-a', '250 2.1.5 taken by mail-a']);
    await stage.gateway.untilOutput(/"login"/u, length);
    expect(
      stage.gateway
        .output()
        .slice(length)
        .match(/"login"/gu),
    ).toHaveLength(1);
  });

  it('never makes an unauthenticated client look logged in', async () => {
    const from = backend('a').commands.length;
    await rcpt('inbound', ann.user);
    const xclient = backend('a')
      .commands.slice(from)
      .find((command) => command.startsWith('XCLIENT'));
    expect(xclient).toBeDefined();
    expect(xclient).not.toContain('LOGIN=');
  });

  it('rule 07, rule 24: junk in the envelope ends in a reply and not in silence', async () => {
    const client = await greet(stage, 'inbound');
    expect(await client.ask('MAIL FROM:<\u0001\u0000@>')).toMatch(/^250/u);
    expect(await client.ask('RCPT TO:junk\u0001\u007f')).toMatch(/^5\d\d 5\.\d\.\d /u);
    client.close();
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
