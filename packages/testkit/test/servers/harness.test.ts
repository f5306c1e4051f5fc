import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  Conversation,
  describeWithServers,
  hasIpv6,
  ServerRoom,
  startDovecot,
  startNginx,
  TinyBackend,
  type Dovecot,
  type Nginx,
} from '../../src/index.js';
import { fakeAuth } from './fake-auth.js';

describeWithServers({ describe, it }, 'the harness: a real nginx in front of a real Dovecot', () => {
  let room: ServerRoom;
  let nginx: Nginx;
  let dovecot: Dovecot;
  let relay: TinyBackend;
  let auth: Awaited<ReturnType<typeof fakeAuth>>;

  beforeAll(async () => {
    room = await ServerRoom.open();
    const authority = await CertificateAuthority.create(room);
    relay = await TinyBackend.start(room, { protocol: 'smtp', name: 'relay' });
    dovecot = await startDovecot(room, {
      name: 'mail-a',
      users: [{ name: 'ann@example.org', password: 'colon:quote"ü' }, { name: 'any@example.org' }],
      master: { name: 'proxy', password: 'm' },
      relay,
    });
    auth = await fakeAuth(room, (request) => {
      const protocol = /Auth-Protocol: (\w+)/u.exec(request)?.[1] as 'imap' | 'pop3' | 'smtp';
      return `Auth-Status: OK\r\nAuth-Server: ${dovecot.host}\r\nAuth-Port: ${dovecot.ports[protocol]}`;
    });
    nginx = await startNginx(room, {
      authHttp: auth,
      headers: { 'X-Auth-Key': 'a "key"' },
      certificate: await authority.server(),
      listeners: [
        { protocol: 'imap', tls: 'starttls' },
        { protocol: 'pop3' },
        { protocol: 'smtp', xclient: false, proxySmtpAuth: true },
        { name: 'imaps', protocol: 'imap', address: hasIpv6() ? '::1' : '127.0.0.1', tls: 'implicit' },
        { name: 'proxied', protocol: 'imap', proxyProtocol: true },
      ],
    });
  });
  afterAll(() => room.close());

  const imap = async (listener: string, options: Parameters<typeof Conversation.open>[1] = {}): Promise<Conversation> => {
    const client = await Conversation.open(nginx.endpoint(listener), options);
    expect(await client.line()).toMatch(/^\* OK/u);
    return client;
  };

  it('shows a client of IMAP which server it reached', async () => {
    const client = await imap('imap');
    expect(await client.ask(String.raw`a LOGIN ann@example.org "colon:quote\"ü"`)).toMatch(/^a OK/u);
    client.send('b LIST "" "on-*"\r\n');
    expect((await client.linesUntil(/^b /u)).join('\n')).toContain('on-mail-a');
    client.close();
    expect(auth.requests.at(-1)).toContain('X-Auth-Key: a "key"');
  });

  it('shows a client of POP3 which server it reached and whose mail it reads', async () => {
    const client = await Conversation.open(nginx.endpoint('pop3'));
    await client.line();
    await client.ask('USER any@example.org');
    expect(await client.ask('PASS whatever')).toMatch(/^\+OK/u);
    client.send('RETR 1\r\n');
    expect((await client.linesUntil(/^\.$/u)).join('\n')).toContain('Subject: mail-a any@example.org');
    client.close();
  });

  it('shows a client of SMTP which server it reached, and hands the mail on', async () => {
    const client = await Conversation.open(nginx.endpoint('smtp'));
    await client.line();
    client.send('EHLO client\r\n');
    await client.linesUntil(/^250 /u);
    expect(await client.ask(`AUTH PLAIN ${Buffer.from('\0any@example.org\0x').toString('base64')}`)).toMatch(/^235/u);
    expect(await client.ask('EHLO client')).toBe('250-mail-a');
    await client.linesUntil(/^250 /u);
    for (const line of ['MAIL FROM:<any@example.org>', 'RCPT TO:<bob@example.com>', 'DATA'])
      expect(await client.ask(line)).toMatch(/^[23]/u);
    expect(await client.ask('Subject: hello\r\n\r\nhello\r\n.')).toMatch(/^250/u);
    expect(relay.messages).toMatchObject([{ from: 'any@example.org', to: ['bob@example.com'] }]);
    client.close();
  });

  it('speaks TLS from the start, STARTTLS, IPv6 and PROXY', async () => {
    const implicit = await imap('imaps', { tls: { rejectUnauthorized: false } });
    implicit.close();
    const upgraded = await imap('imap');
    expect(await upgraded.ask('s STARTTLS')).toMatch(/^s OK/u);
    await upgraded.startTls({ rejectUnauthorized: false });
    expect(await upgraded.ask('a LOGIN any@example.org x')).toMatch(/^a OK/u);
    expect(auth.requests.at(-1)).toContain('Auth-SSL: on');
    upgraded.close();
    const proxied = await imap('proxied', { preamble: 'PROXY TCP4 203.0.113.7 198.51.100.1 4000 143\r\n' });
    expect(await proxied.ask('a LOGIN any@example.org x')).toMatch(/^a OK/u);
    expect(auth.requests.at(-1)).toContain('Proxy-Protocol-Addr: 203.0.113.7');
    proxied.close();
  });

  it('lets the master user in as anybody', async () => {
    const direct = await Conversation.open({ host: dovecot.host, port: dovecot.ports.imap });
    await direct.line();
    expect(await direct.ask('a LOGIN ann@example.org*proxy m')).toMatch(/^a OK/u);
    direct.close();
  });

  it('stops and starts a Dovecot on the same ports', async () => {
    await dovecot.stop();
    const refused = await imap('imap');
    expect(await refused.ask('a LOGIN any@example.org x')).toMatch(/internal server error/u);
    await dovecot.restart();
    const client = await imap('imap');
    expect(await client.ask('a LOGIN any@example.org x')).toMatch(/^a OK/u);
    client.close();
  });
});
