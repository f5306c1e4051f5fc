import { expect, it } from '@jest/globals';
import { startPostgres, type DatabaseServer } from '@postern/testkit';
import { byHost, peopleQuery, tablePeople } from './setup/directory-people.js';
import { logIn } from './setup/log-in.js';
import { ann, bob, dora, wrong } from './setup/people.js';
import { describeStoreEndToEnd } from './setup/store-suite.js';
import { denied } from './setup/words.js';

let database: DatabaseServer;
const store = () => ({ use: 'sql', as: 'people', with: { url: database.url, query: peopleQuery } });

describeStoreEndToEnd({
  name: 'sql on PostgreSQL',
  open: async (room) => {
    database = await startPostgres(room, { setup: tablePeople });
    return { stop: () => database.stop(), restart: () => database.start() };
  },
  plugins: () => [store(), byHost],
  cause: /ECONNREFUSED/u,
  more: {
    table: (usual) => ({
      ...usual,
      plugins: [
        { ...store(), with: { url: database.url, query: 'select password from mailbox where email = {user}' } },
        { use: 'table', with: { sql: { url: database.url, query: 'select host from mailbox where email = {user}' } } },
      ],
    }),
  },
  listeners: ({ door }) => [{ name: 'table', protocol: 'imap', authHttp: door('table') }],
  also: (stage) => {
    it('tells a disabled account so only when the password was right', async () => {
      expect((await logIn(stage(), dora)).answer).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/u);
      expect((await logIn(stage(), wrong(dora))).answer).toMatch(denied.imap);
    });

    it('routes by a table in the database, too', async () => {
      const places = await Promise.all([ann, bob].map((person) => logIn(stage(), person, { listener: 'table' })));
      expect(places.map(({ place }) => place)).toEqual(['mail-a', 'mail-b']);
    });

    it('sent hostile logins as values alone', async () => {
      const log = await database.output();
      expect(log).toMatch(/parameters: \$1 = '[^\n]*or 1=1 --'/iu);
      expect(log).not.toMatch(/where email = [^$\n]*1=1/iu);
    });
  },
});
