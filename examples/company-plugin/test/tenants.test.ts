import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import {
  attempt,
  describeBackendRouter,
  describeWithServers,
  fakeServices,
  parseConfig,
  ServerRoom,
  startPostgres,
  type DatabaseServer,
} from '@postern/testkit';
import { plugin } from '../src/tenants.js';

const setup = `
create table tenant_backends (domain text not null, backend text not null, preference int not null, primary key (domain, backend));
insert into tenant_backends values
  ('blue.example', 'mail-b', 2), ('blue.example', 'mail-a', 1), ('green.example', 'mail-b', 1), ('lost.example', 'mail-z', 1);`;

const runner = { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach };
const backends = ['mail-a', 'mail-b'];
const never = new AbortController().signal;
const account = (user: string) => ({ user, attributes: {} });

describeWithServers({ describe, it }, 'the tenant router on PostgreSQL', () => {
  let room: ServerRoom;
  let server: DatabaseServer;
  before(async () => {
    room = await ServerRoom.open();
    server = await startPostgres(room, { setup });
  });
  after(() => room.close());

  const make = (url = server.url) => plugin.create(parseConfig(plugin, { url }), fakeServices({ backends }));

  describeBackendRouter(runner, {
    make: () => make(),
    backends,
    placed: [account('ann@blue.example'), account('bob@green.example')],
    homeless: account('carl@red.example'),
    outage: () => make('postgres://nobody:wrong@127.0.0.1:9/none'),
  });

  it('names the backends best first', async () => {
    const router = make();
    await router.start?.(never);
    const routing = await router.locate(account('ann@blue.example'), attempt({ user: 'ann@blue.example' }), never);
    assert.deepEqual(routing, { kind: 'placed', backends: ['mail-a', 'mail-b'].map((name) => ({ kind: 'named', name })) });
    await router.stop?.(never);
  });

  it('defers a tenant whose backend nobody declared', async () => {
    const router = make();
    await router.start?.(never);
    const { kind } = await router.locate(account('x@lost.example'), attempt({ user: 'x@lost.example' }), never);
    assert.equal(kind, 'deferred');
    await router.stop?.(never);
  });
});
