import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  CertificateAuthority,
  describeWithServers,
  freePort,
  ServerRoom,
  startRedis,
  type KeyPair,
  type RedisServer,
} from '@postern/testkit';
import { read } from './docs/repository.js';
import { ask, header } from './support/ask.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import type { RunningGateway } from './support/running-gateway.js';
import { RunningGateways } from './support/running-gateways.js';

jest.setTimeout(120_000);

const password = 'canary @of redis/';

/** As docs/operating.md tells to allow them. */
const documented = (): readonly string[] => {
  const [, own = '', scripts = ''] =
    /needs the commands `([^`]+)`, those of the scripts \(`([^`]+)`\)/.exec(read('docs/operating.md').replaceAll('\n', ' ')) ?? [];
  return `${own} ${scripts}`.split(' ').map((command) => `+${command.toLowerCase()}`);
};

describeWithServers({ describe, it }, 'a Redis that speaks TLS and has a user for Postern that may do little', () => {
  let room: ServerRoom;
  let authority: CertificateAuthority;
  let stranger: CertificateAuthority;
  let own: KeyPair;
  let tlsPort: number;
  let redis: RedisServer;
  let folder: ConfigFolder;
  let gateways: RunningGateways;

  beforeAll(async () => {
    room = await ServerRoom.open();
    [authority, stranger, tlsPort] = await Promise.all([
      CertificateAuthority.create(room),
      CertificateAuthority.create(room, 'another authority'),
      freePort(),
    ]);
    const server = await authority.server();
    own = await authority.client({ commonName: 'gateway' });
    const settings = {
      'tls-port': String(tlsPort),
      'tls-cert-file': server.cert,
      'tls-key-file': server.key,
      'tls-ca-cert-file': authority.cert,
      'tls-auth-clients': 'yes',
    };
    redis = await startRedis(room, { settings });
    const rights = ['~postern:*', '&postern:*', '-@all', ...documented()];
    expect(await redis.command('ACL', 'SETUSER', 'postern', 'on', `>${password}`, ...rights)).toBe('OK');
  });
  beforeEach(() => {
    folder = new ConfigFolder();
    gateways = new RunningGateways(folder);
  });
  afterEach(async () => {
    await gateways.stopAll();
    folder.remove();
  });
  afterAll(() => room.close());

  const start = async (changed: object = {}): Promise<RunningGateway> => {
    const { plugins, ...small } = smallConfig();
    const tls = { ca: authority.cert, cert: own.cert, key: own.key };
    folder.write({
      ...small,
      redis: { url: `rediss://127.0.0.1:${tlsPort}`, username: 'postern', password, tls, ...changed },
      plugins: [
        { use: 'throttle', with: { user: { tries: 6 }, guard: { tries: 40 } } },
        { use: 'cache' },
        ...(plugins as readonly unknown[]),
      ],
    });
    return gateways.start();
  };

  const status = async (gateway: RunningGateway, tried: string): Promise<string> =>
    header(await ask(gateway.door('nginx'), { password: tried }), 'Auth-Status') ?? '';
  const call = async (gateway: RunningGateway, path: string, method = 'GET'): Promise<unknown> =>
    (await fetch(`http://${gateway.door('operator')}${path}`, { method })).json();

  it('is reached with the rights that the page about operating lists: limits, bans and flushes hold over two gateways', async () => {
    const [one, other] = [await start(), await start()];
    for (const gateway of [one, other]) expect(await call(gateway, '/readyz')).toMatchObject({ shared: { status: 'up' } });
    for (let count = 0; count < 3; count++) expect(await status(one, `wrong ${count}`)).toMatch(/AUTHENTICATIONFAILED/);
    for (let count = 3; count < 6; count++) expect(await status(other, `wrong ${count}`)).toMatch(/AUTHENTICATIONFAILED/);
    for (const gateway of [one, other]) expect(await status(gateway, 'sesame')).toMatch(/LIMIT/);
    const { bans } = (await call(other, '/api/v1/bans')) as { readonly bans: readonly { readonly id: string }[] };
    expect(bans.length).toBeGreaterThan(0);
    for (const { id } of bans) expect(await call(one, `/api/v1/bans/${id}`, 'DELETE')).toEqual({ lifted: id });
    for (const gateway of [one, other]) expect(await status(gateway, 'sesame')).toBe('OK');
    for (const gateway of [one, other]) expect(gateway.io.stdout.text).not.toMatch(/NOPERM|NOAUTH|canary/);
  });

  it.each([
    [
      'its certificate is from an authority that the config does not name',
      () => ({ tls: { ca: stranger.cert, cert: own.cert, key: own.key } }),
      /certificate|self.signed/i,
    ],
    ['the gateway shows no certificate', () => ({ tls: { ca: authority.cert } }), /cannot be reached/],
    ['the password is wrong', () => ({ password: 'canary of nobody' }), /WRONGPASS|invalid username/i],
    ['it has no such user', () => ({ username: 'somebody' }), /WRONGPASS|invalid username/i],
  ])('is out of reach, and logins go on, when %s', async (_why, changed, said) => {
    const gateway = await start(changed());
    expect(await status(gateway, 'sesame')).toBe('OK');
    expect(await call(gateway, '/readyz')).toMatchObject({ status: 'degraded', shared: { status: 'degraded' } });
    expect(gateway.io.stdout.text).toMatch(said);
    expect(gateway.io.stdout.text).not.toContain('canary');
  });
});
