import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation, describeWithServers, hasIpv6, type MailListener } from '@postern/testkit';
import { curl } from './setup/curl.js';
import { ann, bob, wrong, type Person } from './setup/people.js';
import type { PythonJob } from './setup/python-client.js';
import { Stage, type StageFacts } from './setup/stage.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const login = ({ user, password }: Person): string => `a LOGIN ${user} ${password}`;

const six = hasIpv6() ? '::1' : '127.0.0.1';
// Skipped only where the machine has no IPv6, as many containers have none.
const onIpv6 = hasIpv6() ? it : it.skip;

const listeners = ({ door }: StageFacts): readonly MailListener[] => {
  const smtp = { protocol: 'smtp', xclient: false, proxySmtpAuth: true } as const;
  return [
    { protocol: 'imap', tls: 'starttls' },
    { protocol: 'pop3', tls: 'starttls' },
    { ...smtp, tls: 'starttls' },
    { name: 'imaps', protocol: 'imap', tls: 'implicit' },
    { name: 'pop3s', protocol: 'pop3', tls: 'implicit' },
    { ...smtp, name: 'smtps', tls: 'implicit' },
    { name: 'strict imap', protocol: 'imap', tls: 'starttls', authHttp: door('strict') },
    { name: 'strict pop3', protocol: 'pop3', tls: 'starttls', authHttp: door('strict') },
    { ...smtp, name: 'strict smtp', tls: 'starttls', authHttp: door('strict') },
    { name: 'over a socket', protocol: 'imap', authHttp: door('socket') },
    { name: 'client on IPv6', protocol: 'imap', address: six },
    { name: 'all on IPv6', protocol: 'imap', address: six, authHttp: door('six') },
    { name: 'without the key', protocol: 'imap', directives: ['auth_http_header X-Nothing "1";'] },
  ];
};

describeWithServers({ describe, it }, 'ways to nginx and from nginx to the gateway', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners,
      more: {
        strict: (usual) => ({ ...usual, nginx: { ...usual.nginx, requireTls: true } }),
        socket: (usual, room) => ({ ...usual, listen: `unix:${room.path('auth.sock')}` }),
        six: (usual) => ({ ...usual, listen: usual.listen.replace('127.0.0.1', hasIpv6() ? '[::1]' : '127.0.0.1') }),
      },
    });
  }, 120_000);
  afterAll(() => stage.close());

  const python = (listener: string, protocol: PythonJob['protocol'], person: Person, tls: NonNullable<PythonJob['tls']> = 'none') =>
    stage.python.logIn({
      ...{ protocol, tls, ca: stage.servers.authority.cert, ...stage.endpoint(listener) },
      attempts: [{ mechanism: protocol === 'pop3' ? 'USER/PASS' : 'PLAIN', ...person }],
    });

  const raw = async (listener: string): Promise<Conversation> => {
    const client = await Conversation.open(stage.endpoint(listener));
    await client.line();
    return client;
  };

  it.each(['imap', 'pop3', 'smtp'] as const)('%s: lets people in over STARTTLS and over implicit TLS', async (protocol) => {
    const answers = await Promise.all([python(protocol, protocol, ann, 'starttls'), python(`${protocol}s`, protocol, bob, 'implicit')]);
    expect(answers[0]).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-a') });
    expect(answers[1]).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
  });

  it('denies a wrong password over TLS as it does without', async () => {
    for (const answer of await Promise.all([
      python('imaps', 'imap', wrong(ann), 'implicit'),
      python('imap', 'imap', wrong(ann), 'starttls'),
    ])) {
      expect(answer).toMatchObject({ attempts: [{ ok: false, said: expect.stringContaining('[AUTHENTICATIONFAILED]') }], mailbox: null });
    }
  });

  it('lets curl in over TLS', async () => {
    const { host, port } = stage.endpoint('imaps');
    const args = ['--cacert', stage.servers.authority.cert, '-u', `${ann.user}:${ann.password}`, '-X', 'LIST "" "on-*"'];
    expect(await curl([`imaps://${host}:${String(port)}`, ...args])).toMatchObject({ exit: 0, out: expect.stringContaining('on-mail-a') });
  });

  it('requireTls: refuses a right password in clear text with words of its own, in each protocol', async () => {
    const imap = await raw('strict imap');
    expect(await imap.ask(login(ann))).toMatch(/^a NO \[PRIVACYREQUIRED\] /u);
    const smtp = await raw('strict smtp');
    expect(await smtp.ask(`AUTH PLAIN ${base64(`\0${ann.user}\0${ann.password}`)}`)).toMatch(/^530 5\.7\.0 /u);
    const pop3 = await raw('strict pop3');
    await pop3.ask(`USER ${ann.user}`);
    expect(await pop3.ask(`PASS ${ann.password}`)).toMatch(/^-ERR \[AUTH\] An encrypted connection is required/u);
    for (const client of [imap, smtp, pop3]) client.close();
  });

  it.each(['imap', 'pop3', 'smtp'] as const)('requireTls: %s takes the password after STARTTLS', async (protocol) => {
    expect(await python(`strict ${protocol}`, protocol, ann, 'starttls')).toMatchObject({ mailbox: expect.stringContaining('mail-a') });
  });

  onIpv6.each(['client on IPv6', 'all on IPv6'])('serves %s, right and wrong password', async (listener) => {
    const [right, denied] = await Promise.all([python(listener, 'imap', ann), python(listener, 'imap', wrong(ann))]);
    expect(right).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-a') });
    expect(denied).toMatchObject({ attempts: [{ ok: false, said: expect.stringContaining('[AUTHENTICATIONFAILED]') }], mailbox: null });
  });

  it('rule 01: answers nginx over a unix socket as over TCP', async () => {
    const [right, denied] = await Promise.all([python('over a socket', 'imap', bob), python('over a socket', 'imap', wrong(bob))]);
    expect(right).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('on-mail-b') });
    expect(denied).toMatchObject({ attempts: [{ ok: false, said: expect.stringContaining('[AUTHENTICATIONFAILED]') }], mailbox: null });
  });

  it('rule 13: an nginx without the shared key gets no login through, right password or not', async () => {
    const answers = await Promise.all(
      [ann, wrong(ann)].map(async (person) => {
        const client = await raw('without the key');
        const answer = await client.ask(login(person));
        client.close();
        return answer;
      }),
    );
    expect(answers[0]).toMatch(/^a NO \[UNAVAILABLE\]/u);
    expect(answers[1]).toBe(answers[0]);
  });

  it('rule 67: the logs held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
