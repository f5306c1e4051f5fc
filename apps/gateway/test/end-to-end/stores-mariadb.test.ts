import { startMariadb, type DatabaseServer } from '@postern/testkit';
import { byHost, peopleQuery, tablePeople } from './setup/directory-people.js';
import { describeStoreEndToEnd } from './setup/store-suite.js';

let database: DatabaseServer;

describeStoreEndToEnd({
  name: 'sql on MariaDB',
  open: async (room) => {
    database = await startMariadb(room, { setup: tablePeople });
    return { stop: () => database.stop(), restart: () => database.start() };
  },
  plugins: () => [{ use: 'sql', as: 'people', with: { url: database.url, query: peopleQuery } }, byHost],
  cause: /ECONNREFUSED/u,
});
