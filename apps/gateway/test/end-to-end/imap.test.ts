import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation, describeWithServers } from '@postern/testkit';
import { curl } from './setup/curl.js';
import { ann, arno, bela, bob, dora, lena, nobody, ursula, wrong, type Person } from './setup/people.js';
import type { Way } from './setup/python-client.js';
import { Stage } from './setup/stage.js';
import { hashedStore } from './setup/usual-config.js';

const ways: readonly Way[] = ['LOGIN command', 'PLAIN', 'LOGIN', 'CRAM-MD5'];
const wrongPassword = /^a NO \[AUTHENTICATIONFAILED\] Invalid user name or password$/u;

describeWithServers({ describe, it }, 'IMAP through nginx', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      config: (usual) => ({ ...usual, plugins: [hashedStore, ...usual.plugins] }),
      listeners: () => [{ protocol: 'imap', mechanisms: ['plain', 'login', 'cram-md5', 'external'] }],
    });
  }, 120_000);
  afterAll(() => stage.close());

  const python = (mechanism: Way, ...people: readonly Person[]) =>
    stage.python.logIn({ protocol: 'imap', ...stage.endpoint('imap'), attempts: people.map((person) => ({ mechanism, ...person })) });

  const raw = async (): Promise<Conversation> => {
    const client = await Conversation.open(stage.endpoint('imap'));
    expect(await client.line()).toMatch(/^\* OK/u);
    return client;
  };

  const landedOn = async (client: Conversation): Promise<string> => {
    client.send('l LIST "" "on-*"\r\n');
    const lines = await client.linesUntil(/^l /u);
    client.close();
    return lines.join('\n');
  };

  it.each(ways)('lets people in with %s and lands each on the server of their domain', async (way) => {
    const [first, second] = await Promise.all([python(way, ann), python(way, bob)]);
    expect(first).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-a') });
    expect(second).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-b') });
  });

  it.each(ways.slice(0, 3))('carries the awkward password unharmed with %s', async (way) => {
    expect(await python(way, ursula)).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-b') });
  });

  it('rule 32, rule 49: hands the mail server the stored password where only a digest was sent, as the bytes it is made of', async () => {
    expect(await python('CRAM-MD5', ursula)).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-b') });
  });

  it('rule 40: a password too long for a reply to nginx is no obstacle where it need not be in one, and a passing problem where it must', async () => {
    const [plain, digest] = await Promise.all([python('PLAIN', lena), python('CRAM-MD5', lena)]);
    expect(plain).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-a') });
    expect(digest).toMatchObject({ attempts: [{ ok: false, said: expect.stringContaining('[UNAVAILABLE]') }], mailbox: null });
  });

  it('says that a password is wrong, in every mechanism, and reaches no mailbox', async () => {
    for (const answer of await Promise.all(ways.map((way) => python(way, wrong(ann))))) {
      expect(answer).toMatchObject({
        attempts: [{ ok: false, said: expect.stringContaining('[AUTHENTICATIONFAILED] Invalid user name or password') }],
        mailbox: null,
      });
    }
  });

  it('lets curl in, which no one here wrote', async () => {
    const { host, port } = stage.endpoint('imap');
    const look = (person: Person, way: string) =>
      curl([
        `imap://${host}:${String(port)}`,
        '-u',
        `${person.user}:${person.password}`,
        '--login-options',
        `AUTH=${way}`,
        '-X',
        'LIST "" "on-*"',
      ]);
    const [login, plain, cram, denied] = await Promise.all([
      look(ursula, 'LOGIN'),
      look(ann, 'PLAIN'),
      look(bob, 'CRAM-MD5'),
      look(wrong(bob), 'PLAIN'),
    ]);
    expect(login).toMatchObject({ exit: 0, out: expect.stringContaining('on-mail-b') });
    expect(plain).toMatchObject({ exit: 0, out: expect.stringContaining('on-mail-a') });
    expect(cram).toMatchObject({ exit: 0, out: expect.stringContaining('on-mail-b') });
    expect(denied).toMatchObject({ exit: 67, said: expect.stringContaining('NO [AUTHENTICATIONFAILED]') });
  });

  it('takes the login as literals, synchronising or not', async () => {
    const user = Buffer.from(ursula.user);
    const password = Buffer.from(ursula.password);
    const patient = await raw();
    expect(await patient.ask(`a LOGIN {${String(user.length)}}`)).toMatch(/^\+/u);
    expect(await patient.ask(`${user.toString()} {${String(password.length)}}`)).toMatch(/^\+/u);
    expect(await patient.ask(password.toString())).toMatch(/^a OK/u);
    expect(await landedOn(patient)).toContain('on-mail-b');
    const hasty = await raw();
    expect(
      await hasty.ask(`a LOGIN {${String(user.length)}+}\r\n${user.toString()} {${String(password.length)}+}\r\n${password.toString()}`),
    ).toMatch(/^a OK/u);
    expect(await landedOn(hasty)).toContain('on-mail-b');
  });

  it('serves commands that were sent before the login was answered', async () => {
    const client = await raw();
    client.send(`a LOGIN ${ann.user} ${ann.password}\r\nb LIST "" "on-*"\r\nc LOGOUT\r\n`);
    const lines = await client.linesUntil(/^c OK/u);
    expect(lines[0]).toMatch(/^a OK/u);
    expect(lines.join('\n')).toContain('on-mail-a');
  });

  it('rule 31: takes passwords that are kept as hashes, but not for digests, which it denies like a wrong password', async () => {
    const [argon2, bcrypt, digest, denied] = await Promise.all([
      python('PLAIN', arno),
      python('PLAIN', bela),
      python('CRAM-MD5', arno),
      python('PLAIN', wrong(bela)),
    ]);
    expect(argon2).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-b') });
    expect(bcrypt).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-a') });
    for (const { attempts } of [digest, denied]) {
      expect(attempts).toMatchObject([
        { ok: false, said: expect.stringContaining('[AUTHENTICATIONFAILED] Invalid user name or password') },
      ]);
    }
  });

  it('rule 59: unknown user, wrong password and a disabled account with a wrong password hear the same words', async () => {
    const heard = await Promise.all(
      [nobody, wrong(ann), wrong(dora)].map(async (person) => {
        const client = await raw();
        const answer = await client.ask(`a LOGIN ${person.user} ${person.password}`);
        client.close();
        return answer;
      }),
    );
    for (const answer of heard) expect(answer).toMatch(wrongPassword);
    expect(new Set(heard).size).toBe(1);
  });

  it('tells a disabled account so only when the password was right', async () => {
    const client = await raw();
    expect(await client.ask(`a LOGIN ${dora.user} ${dora.password}`)).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/u);
    client.close();
  });

  it('lands people wherever they belong however they write their address', async () => {
    const client = await raw();
    expect(await client.ask(`a LOGIN ANN@A.EXAMPLE.ORG ${ann.password}`)).toMatch(/^a OK/u);
    expect(await landedOn(client)).toContain('on-mail-a');
  });

  it('rule 20: refuses an empty password and an empty login', async () => {
    const answers = await Promise.all(
      [`LOGIN ${ann.user} ""`, `AUTHENTICATE PLAIN ${Buffer.from('\0\0').toString('base64')}`].map(async (command) => {
        const client = await raw();
        const answer = await client.ask(`a ${command}`);
        client.close();
        return answer;
      }),
    );
    for (const answer of answers) expect(answer).toMatch(wrongPassword);
  });

  it('rule 19, rule 53: refuses a login with line breaks and repeats none of it', async () => {
    const client = await raw();
    const proof = Buffer.from(`\0ann@a.example.org\r\nAuth-Status: OK\0${ann.password}`).toString('base64');
    expect(await client.ask(`a AUTHENTICATE PLAIN ${proof}`)).toMatch(wrongPassword);
    client.close();
  });

  it('rule 33: denies a certificate login without a certificate', async () => {
    const client = await raw();
    expect(await client.ask(`a AUTHENTICATE EXTERNAL ${Buffer.from(ann.user).toString('base64')}`)).toMatch(wrongPassword);
    client.close();
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
