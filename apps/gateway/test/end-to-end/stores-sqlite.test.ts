import { rename } from 'node:fs/promises';
import { peopleQuery, tablePeople } from './setup/directory-people.js';
import { sqliteFile } from './setup/sqlite-file.js';
import { describeStoreEndToEnd } from './setup/store-suite.js';

let path: string;

describeStoreEndToEnd({
  name: 'sql on SQLite, with a table in it for a router',
  open: async (room) => {
    path = await sqliteFile(room, 'people.db', tablePeople);
    return { stop: () => rename(path, `${path}.away`), restart: () => rename(`${path}.away`, path) };
  },
  plugins: () => [
    { use: 'sql', as: 'people', with: { url: `sqlite:${path}`, query: peopleQuery } },
    { use: 'table', with: { sql: { url: `sqlite:${path}`, query: 'select host from mailbox where email = {key}' } } },
  ],
  cause: /people\.db|unable to open|no such/iu,
});
