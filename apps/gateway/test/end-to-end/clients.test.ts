import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, Conversation, describeWithServers, type KeyPair, type MailListener } from '@postern/testkit';
import { readFileSync } from 'node:fs';
import { ann, bob, masterUser, ursula } from './setup/people.js';
import { Stage, type StageFacts } from './setup/stage.js';
import { byDomain, peopleStore, type Section, type UsualConfig } from './setup/usual-config.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Clients of one network belong on mail-b, whoever they are: that makes the effective address visible. */
const byAddress: readonly Section[] = [
  peopleStore,
  { use: 'domain', as: 'branch', when: { client: ['203.0.113.0/24', '2001:db8::/32'] }, with: { routes: {}, default: 'mail-b' } },
  byDomain('mail-a', 'mail-b'),
];

/** With a certificate there is no password to hand on, so the mail servers take the master user's. */
const withMaster = (usual: UsualConfig): UsualConfig['backends'] => {
  const login = { user: `{user}*${masterUser.name}`, password: { env: 'MASTER' } };
  return { 'mail-a': { ...usual.backends['mail-a'], login }, 'mail-b': { ...usual.backends['mail-b'], login } };
};

const listeners = ({ authority, door }: StageFacts): readonly MailListener[] => {
  const certificates = {
    tls: 'implicit',
    mechanisms: ['plain', 'external'],
    authHttp: door('certificates'),
    // Only so does nginx let a certificate of an unknown authority reach the gateway.
    clientCertificates: { ca: authority.cert, verify: 'optional_no_ca', pass: true },
  } as const;
  return [
    { ...certificates, name: 'imaps', protocol: 'imap' },
    { ...certificates, name: 'pop3s', protocol: 'pop3' },
    { ...certificates, name: 'smtps', protocol: 'smtp', xclient: false, proxySmtpAuth: true },
    { name: 'clear', protocol: 'imap', mechanisms: ['plain', 'external'], authHttp: door('certificates') },
    {
      name: 'without a rule',
      protocol: 'imap',
      tls: 'implicit',
      mechanisms: ['external'],
      clientCertificates: certificates.clientCertificates,
    },
    { name: 'trusting', protocol: 'imap', proxyProtocol: true, authHttp: door('trusting') },
    { name: 'wary', protocol: 'imap', proxyProtocol: true, authHttp: door('wary') },
  ];
};

const read = ({ cert, key }: KeyPair) => ({ rejectUnauthorized: false, cert: readFileSync(cert), key: readFileSync(key) });

describeWithServers({ describe, it }, 'who the client is: certificates and addresses', () => {
  let stage: Stage;
  let anns: KeyPair;
  let strangers: KeyPair;

  beforeAll(async () => {
    stage = await Stage.open({
      listeners,
      more: {
        certificates: (usual) => ({ ...usual, identity: { certificateUser: 'email' }, backends: withMaster(usual) }),
        trusting: (usual) => ({ ...usual, nginx: { ...usual.nginx, trustedProxies: ['127.0.0.0/8'] }, plugins: byAddress }),
        wary: (usual) => ({ ...usual, plugins: byAddress }),
      },
    });
    const other = await CertificateAuthority.create(stage.servers.room, 'somebody else');
    [anns, strangers] = await Promise.all(
      [stage.servers.authority, other].map((each) => each.client({ commonName: 'Ann', email: ann.user })) as [
        Promise<KeyPair>,
        Promise<KeyPair>,
      ],
    );
  }, 120_000);
  afterAll(() => stage.close());

  const raw = async (listener: string, options: Parameters<typeof Conversation.open>[1] = {}): Promise<Conversation> => {
    const client = await Conversation.open(stage.endpoint(listener), options);
    await client.line();
    return client;
  };

  const landedOn = async (client: Conversation): Promise<string> => {
    client.send('l LIST "" "on-*"\r\n');
    const lines = await client.linesUntil(/^l /u);
    client.close();
    return /on-(mail-[ab])/u.exec(lines.join('\n'))?.[1] ?? 'nowhere';
  };

  const external = (listener: string, protocol: 'imap' | 'smtp', user: string) =>
    stage.python.logIn({
      ...{ protocol, ...stage.endpoint(listener), tls: 'implicit', ca: stage.servers.authority.cert, ...anns },
      attempts: [{ mechanism: 'EXTERNAL', user, password: '' }],
    });

  it('rule 33: lets in whom the certificate names, as the master user at the mail server', async () => {
    expect(await external('imaps', 'imap', ann.user)).toMatchObject({
      attempts: [{ ok: true }],
      mailbox: expect.stringContaining('on-mail-a'),
    });
    expect(await external('smtps', 'smtp', ann.user)).toMatchObject({ attempts: [{ ok: true }], mailbox: 'mail-a' });
    expect(stage.servers.a.output()).toContain(`Master user logging in as ${ann.user}`);
  });

  it('rule 32: lets a client of POP3 in by certificate, into the mailbox the certificate names', async () => {
    const client = await raw('pop3s', { tls: read(anns) });
    expect(await client.ask('AUTH EXTERNAL')).toMatch(/^\+/u);
    expect(await client.ask('=')).toMatch(/^\+OK/u);
    client.send('RETR 1\r\n');
    expect(await client.linesUntil(/^\.$/u)).toContain(`Subject: mail-a ${ann.user}`);
    client.close();
  });

  it("rule 34: the name a client asks for does not open somebody else's mailbox", async () => {
    const client = await raw('pop3s', { tls: read(anns) });
    expect(await client.ask(`AUTH EXTERNAL ${base64(bob.user)}`)).toMatch(/^\+OK/u);
    client.send('RETR 1\r\n');
    expect(await client.linesUntil(/^\.$/u)).toContain(`Subject: mail-a ${ann.user}`);
    client.close();
  });

  it('rule 33: denies a certificate of an unknown authority, none at all, and no TLS at all', async () => {
    const clients = await Promise.all([
      raw('imaps', { tls: read(strangers) }),
      raw('imaps', { tls: { rejectUnauthorized: false } }),
      raw('clear'),
      raw('without a rule', { tls: read(anns) }),
    ]);
    const answers = await Promise.all(clients.map((client) => client.ask(`a AUTHENTICATE EXTERNAL ${base64(ann.user)}`)));
    for (const answer of answers) expect(answer).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/u);
    for (const client of clients) client.close();
  });

  it('lets a password in over the same listener, as the master user at the mail server', async () => {
    const client = await raw('imaps', { tls: { rejectUnauthorized: false } });
    const proof = base64(`\0${ursula.user}\0${ursula.password}`);
    expect(await client.ask(`a AUTHENTICATE PLAIN ${proof}`)).toMatch(/^a OK/u);
    expect(await landedOn(client)).toBe('mail-b');
    expect(stage.servers.b.output()).toContain(`Master user logging in as ${ursula.user}`);
  });

  it.each([
    ['trusting', 'TCP4 203.0.113.7 198.51.100.1', 'mail-b'],
    ['trusting', 'TCP6 2001:DB8::7 2001:db8::1', 'mail-b'],
    ['trusting', 'TCP4 192.0.2.7 198.51.100.1', 'mail-a'],
    ['wary', 'TCP4 203.0.113.7 198.51.100.1', 'mail-a'],
  ])('rule 22: believes the address of a PROXY header only from a trusted proxy: %s, %s: %s', async (listener, addresses, place) => {
    const client = await raw(listener, { preamble: `PROXY ${addresses} 4000 143\r\n` });
    expect(await client.ask(`a LOGIN ${ann.user} ${ann.password}`)).toMatch(/^a OK/u);
    expect(await landedOn(client)).toBe(place);
  });

  it('rule 67: the logs held no secret in all of this', () => {
    expect(stage.named('certificates').output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
