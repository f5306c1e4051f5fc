import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectTo, Conversation, describeWithServers, type MailListener } from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ann, bob, sharedKey, type Person } from './setup/people.js';
import { Stage, type StageFacts } from './setup/stage.js';
import { byDomain, peopleStore } from './setup/usual-config.js';
import { mailProtocols as protocols, temporary, wrongPassword } from './setup/words.js';

const moody = fileURLToPath(new URL('setup/moody-store.mjs', import.meta.url));

const listeners = ({ door }: StageFacts): readonly MailListener[] => [
  ...protocols.map((protocol) => ({ protocol, ...(protocol === 'smtp' ? { xclient: false, proxySmtpAuth: true } : {}) })),
  { name: 'shared', protocol: 'imap', authHttp: door('shared') },
  { name: 'moody', protocol: 'imap', authHttp: door('moody') },
];

describeWithServers({ describe, it }, 'outages', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners,
      more: {
        shared: (usual) => ({ ...usual, plugins: [peopleStore, { use: 'hash', with: { over: ['mail-a', 'mail-b'], whenDown: 'next' } }] }),
        moody: (usual) => ({
          ...usual,
          nginx: { ...usual.nginx, deadline: '1s' },
          plugins: [{ use: moody, as: 'moody', with: {} }, peopleStore, byDomain('mail-a', 'mail-b')],
        }),
      },
    });
  }, 120_000);
  afterAll(() => stage.close());

  const raw = async (listener: string): Promise<Conversation> => {
    const client = await Conversation.open(stage.endpoint(listener));
    await client.line();
    return client;
  };

  /** What a client hears to its login. */
  const login = async (listener: string, { user, password }: Person, protocol: (typeof protocols)[number] = 'imap'): Promise<string> => {
    const client = await raw(listener);
    try {
      if (protocol === 'imap') return await client.ask(`a LOGIN ${user} ${password}`);
      if (protocol === 'smtp') return await client.ask(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`);
      await client.ask(`USER ${user}`);
      return await client.ask(`PASS ${password}`);
    } finally {
      client.close();
    }
  };

  const placeOf = async (listener: string, { user, password }: Person): Promise<string> => {
    const client = await raw(listener);
    expect(await client.ask(`a LOGIN ${user} ${password}`)).toMatch(/^a OK/u);
    client.send('l LIST "" "on-*"\r\n');
    const lines = await client.linesUntil(/^l /u);
    client.close();
    return /on-(mail-[ab])/u.exec(lines.join('\n'))?.[1] ?? 'nowhere';
  };

  /** Takes a mail server down, as the gateway sees it, for as long as `meanwhile` lasts. */
  const whileDown = async <T>(name: string, gateway: string, meanwhile: () => Promise<T>): Promise<T> => {
    const server = name === 'mail-a' ? stage.servers.a : stage.servers.b;
    await stage.untilBackend(name, true, gateway);
    await server.stop();
    try {
      await stage.untilBackend(name, false, gateway);
      return await meanwhile();
    } finally {
      await server.restart();
      await stage.untilBackend(name, true, gateway);
    }
  };

  it('rule 57, rule 71: a mail server that goes down is told as a passing problem, in each protocol, until it is back', async () => {
    await whileDown('mail-a', 'gateway', async () => {
      const answers = await Promise.all(protocols.map((protocol) => login(protocol, ann, protocol)));
      for (const [index, protocol] of protocols.entries()) {
        expect(answers[index]).toMatch(temporary[protocol]);
        expect(answers[index]).not.toMatch(wrongPassword);
      }
      expect(await login('imap', bob)).toMatch(/^a OK/u);
    });
    for (const protocol of protocols) expect(await login(protocol, ann, protocol)).toMatch(/^a OK|^\+OK|^235/u);
  });

  it('rule 71: where mail is shared, the next best server takes over and gives back', async () => {
    // This gateway may still think of a server as down that the test before took away from another.
    for (const name of ['mail-a', 'mail-b']) await stage.untilBackend(name, true, 'shared');
    const home = await placeOf('shared', ann);
    const refuge = await whileDown(home, 'shared', () => placeOf('shared', ann));
    expect([refuge, await placeOf('shared', ann)]).toEqual([home === 'mail-a' ? 'mail-b' : 'mail-a', home]);
    await stage.untilBackend(home, true);
  });

  it.each(['throws', 'hangs', 'answers nonsense'])(
    'rule 57, rule 58: a store that %s makes a passing problem of a login, and the next one is served',
    async (mood) => {
      expect(await login('moody', { user: `${mood.replace(' ', '-')}@a.example.org`, password: 'canary-any' })).toMatch(temporary.imap);
      expect(await login('moody', ann)).toMatch(/^a OK/u);
      expect(stage.named('moody').output()).toContain('"moody"');
    },
  );

  it('rule 69: a login that a store is still thinking about is answered within the deadline although SIGTERM came', async () => {
    const gateway = stage.named('moody');
    const before = gateway.output().length;
    const client = await raw('moody');
    const answer = client.ask('a LOGIN hangs@a.example.org canary-any');
    await gateway.untilOutput(/thinking about hangs@/u, before);
    gateway.signal('SIGTERM');
    expect(await answer).toMatch(temporary.imap);
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
    client.close();
  });

  it('while the gateway is away nobody is let in, and when it is back nginx goes on by itself', async () => {
    const { pid } = stage.nginx.process;
    expect(await stage.gateway.stop()).toEqual({ code: 0, signal: null });
    expect(await login('imap', ann)).toBe('* BAD internal server error');
    expect(await login('pop3', ann, 'pop3')).toBe('-ERR internal server error');
    expect(await login('smtp', ann, 'smtp')).toBe('451 4.3.2 Internal server error');
    await stage.gateway.start();
    for (const protocol of protocols) expect(await login(protocol, ann, protocol)).toMatch(/^a OK|^\+OK|^235/u);
    expect(stage.nginx.process.pid).toBe(pid);
    expect(stage.nginx.process.running).toBe(true);
  });

  it('rule 69: SIGTERM lets a login in flight be answered, takes no new ones, and ends with 0', async () => {
    const door = stage.gateway.door;
    const request = [
      ...['GET /auth HTTP/1.0', 'Auth-Method: plain', `Auth-User: ${ann.user}`, `Auth-Pass: ${ann.password}`, 'Auth-Protocol: imap'],
      ...['Auth-Login-Attempt: 1', 'Client-IP: 127.0.0.1', `X-Auth-Key: ${sharedKey}`, '', ''],
    ].join('\r\n');
    const client = await Conversation.open(door);
    client.send(request.slice(0, 40));
    stage.gateway.signal('SIGTERM');
    await refused(door);
    client.send(request.slice(40));
    expect(await client.rest()).toContain('Auth-Status: OK\r\n');
    expect(await stage.gateway.ended).toEqual({ code: 0, signal: null });
  });

  it('rule 67: the logs held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});

/** Until nobody accepts there any more. */
const refused = async (door: Parameters<typeof connectTo>[0]): Promise<void> => {
  for (;;) {
    const socket = connectTo(door);
    const accepted = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (!accepted) return;
    await pause(10);
  }
};
