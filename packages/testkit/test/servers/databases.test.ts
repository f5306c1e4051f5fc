import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, startPostgres, type DatabaseServer } from '@postern/testkit';

const setup = "create table t (a varchar(20)); insert into t values ('before');";
const kinds = [
  ['PostgreSQL', startPostgres],
  ['MariaDB', startMariadb],
] as const;

describeWithServers({ describe, it }, 'databases of the harness', () => {
  describe.each(kinds)('%s', (_, start) => {
    let room: ServerRoom;
    let server: DatabaseServer;

    beforeAll(async () => {
      room = await ServerRoom.open();
      server = await start(room, { setup });
    }, 120_000);

    afterAll(() => room.close());

    it('answers, keeps its data and its port when it is started again, and logs what it is asked', async () => {
      const { port } = server;
      await server.stop();
      await expect(server.sql('select a from t')).rejects.toThrow();
      await server.start();
      expect(server.port).toBe(port);
      expect((await server.sql('select a from t')).trim()).toBe('before');
      expect(await server.output()).toContain('select a from t');
    });
  });
});
