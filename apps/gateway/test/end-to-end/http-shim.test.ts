import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, FaultyProxy, freePort } from '@postern/testkit';
import { ann, bob, ursula, wrong, type Person } from './setup/people.js';
import type { PythonJob } from './setup/python-client.js';
import { doorTls, shimPlace, startShim, type ShimPlace } from './setup/shim.js';
import { Stage } from './setup/stage.js';

describeWithServers({ describe, it }, 'nginx mail, a loopback nginx http{} shim, and the Express door over TLS', () => {
  let stage: Stage;
  let place: ShimPlace;
  let doorPort: number;
  let way: FaultyProxy;

  beforeAll(async () => {
    const port = await freePort();
    stage = await Stage.open({
      before: async (room) => void ([place, doorPort] = [await shimPlace(room), await freePort()]),
      config: (usual) => ({ ...usual, proxy: { listen: `127.0.0.1:${doorPort}`, tls: doorTls(place) } }),
      listeners: () => (['imap', 'pop3', 'smtp'] as const).map((protocol) => ({ protocol, authHttp: { host: '127.0.0.1', port } })),
    });
    const { room } = stage.servers;
    way = await FaultyProxy.start(room, { host: '127.0.0.1', port: doorPort });
    // Nobody listens on the first: nginx passes the question to the next.
    await startShim(room, port, [`127.0.0.1:${await freePort()}`, `127.0.0.1:${way.port}`], place);
  }, 120_000);

  afterAll(() => stage.close());

  const logIn = async (protocol: PythonJob['protocol'], person: Person) =>
    stage.python.logIn({
      ...{ protocol, tls: 'none' as const, ca: stage.servers.authority.cert, ...stage.endpoint(protocol) },
      attempts: [{ mechanism: protocol === 'pop3' ? 'USER/PASS' : 'PLAIN', ...person }],
    });

  it.each(['imap', 'pop3', 'smtp'] as const)(
    '%s: lets people in, each to their own backend, and nobody with a wrong password',
    async (protocol) => {
      const [one, other, denied] = await Promise.all([ann, bob, wrong(ann)].map((person) => logIn(protocol, person)));
      expect(one).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-a') });
      expect(other).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
      expect(denied).toMatchObject({ attempts: [{ ok: false }], mailbox: null });
      expect(denied?.attempts[0]?.said).toMatch(/\[AUTHENTICATIONFAILED\]|\[AUTH\]|5\.7\.8/);
    },
  );

  it('mangles no password', async () => {
    expect(await logIn('imap', ursula)).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
  });

  it('asks one question after another on the connections that it keeps', async () => {
    const before = way.taken;
    for (let count = 0; count < 5; count++) expect(await logIn('imap', ann)).toMatchObject({ attempts: [{ ok: true }] });
    expect(way.taken - before).toBeLessThanOrEqual(1);
    expect(way.open).toBeGreaterThan(0);
  });

  it('answers on a new connection when those that were kept are gone', async () => {
    way.dropAll();
    expect(await logIn('imap', bob)).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
  });

  it('calls it no wrong password when no gateway can be reached', async () => {
    await way.become({ kind: 'refuse' });
    const [answer] = await Promise.allSettled([logIn('imap', ann)]);
    expect(JSON.stringify(answer)).not.toMatch(/AUTHENTICATIONFAILED|"ok":true/);
    await way.become({ kind: 'pass' });
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toMatch(/"door":"express"/);
    expect(stage.leaks()).toEqual([]);
  });
});
