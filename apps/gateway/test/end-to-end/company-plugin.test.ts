import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  describeWithServers,
  freePort,
  Gateway,
  ServerRoom,
  startPostgres,
  type DatabaseServer,
} from '@postern/testkit';
import { TokenServer, type Somebody } from '../../../../examples/company-plugin/test/token-server.js';
import { ask, header } from '../support/ask.js';
import { repository } from '../docs/repository.js';

const run = promisify(execFile);
const example = join(repository, 'examples/company-plugin');
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !['NODE_OPTIONS', 'FORCE_COLOR', 'NODE_ENV', 'JEST_WORKER_ID'].includes(name)),
);

const people = new Map<string, Somebody>([['ann@blue.example', { token: 'Token-of-Ann' }]]);
const tenants = `
create table tenant_backends (domain text not null, backend text not null, preference int not null);
insert into tenant_backends values ('blue.example', 'mail-b', 1);`;

describeWithServers({ describe, it }, 'the example of a company’s own plugins', () => {
  let room: ServerRoom;
  let database: DatabaseServer;
  let service: TokenServer;
  let options: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    await run(process.execPath, [join(example, 'node_modules/typescript/bin/tsc'), '-p', join(example, 'tsconfig.json')], { env });
    room = await ServerRoom.open();
    database = await startPostgres(room, { setup: tenants });
    const authority = await CertificateAuthority.create(room);
    service = new TokenServer(authority.cert, await authority.server(), people);
    const pems = { ca: authority.cert, ...(await authority.client({ commonName: 'postern' })) };
    options = { url: await service.listen(), ...pems, pepper: { env: 'PEPPER' } };
  }, 120_000);

  afterAll(async () => {
    await service.close();
    await room.close();
  });

  it('compiles, and its own tests pass under Node’s own runner', async () => {
    const { scripts } = JSON.parse(await readFile(join(example, 'package.json'), 'utf8')) as {
      readonly scripts: { readonly test: string };
    };
    expect(scripts.test).toBe('npm run build && node --test dist/test/*.test.js');
    const { stdout } = await run('sh', ['-c', `"${process.execPath}" --test dist/test/*.test.js`], {
      cwd: example,
      env,
      maxBuffer: 10_000_000,
    });
    expect(stdout).toMatch(/^(?:#|ℹ) fail 0$/m);
    expect(Number(/^(?:#|ℹ) pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(60);
  }, 120_000);

  /** The package lies where npm would have put it. */
  const serve = async (name: string, use: string): Promise<{ readonly gateway: Gateway; readonly door: string }> => {
    const place = room.path(name, 'node_modules/@example/postern-company');
    await mkdir(dirname(place), { recursive: true });
    await symlink(example, place);
    const door = `127.0.0.1:${await freePort()}`;
    const config = {
      listen: door,
      operator: { listen: `127.0.0.1:${await freePort()}` },
      health: 'off',
      backends: { 'mail-a': { host: '127.0.0.1' }, 'mail-b': { host: '127.0.0.2' } },
      plugins: [
        { use, as: 'people', with: options },
        { use: '@example/postern-company/tenants', with: { url: database.url } },
        { use: 'hash', with: { over: ['mail-a', 'mail-b'] } },
      ],
    };
    const script = join(repository, 'apps/gateway/bin/postern.js');
    return { gateway: await Gateway.start(room, { script, config, name, env: { PEPPER: 'random text' } }), door };
  };

  it.each([
    ['typed', '@example/postern-company/tokens'],
    ['plain', join(example, 'plain/tokens.js')],
  ])('runs in a real gateway, as an outside package (%s)', async (name, use) => {
    const { gateway, door } = await serve(name, use);
    const answer = await ask(door, { user: 'ann@blue.example', password: 'Token-of-Ann' });
    expect([header(answer, 'Auth-Status'), header(answer, 'Auth-Server')]).toEqual(['OK', '127.0.0.2']);
    expect(header(await ask(door, { user: 'ann@blue.example', password: 'wrong' }), 'Auth-Status')).toContain('AUTHENTICATIONFAILED');
    service.mood = 'broken';
    const out = await ask(door, { user: 'bob@blue.example', password: 'wrong' });
    service.mood = 'well';
    expect(header(out, 'Auth-Status')).toContain('UNAVAILABLE');
    await gateway.stop();
    expect(gateway.output()).not.toContain('Token-of-Ann');
  });
});
