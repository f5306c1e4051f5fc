// The least that a login costs with this client library: one prepared query, and nobody looks at the hash.
import pg from 'pg';
import { serve } from './loop.mjs';

serve(async ({ connections, url }) => {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  return clients.map((client) => async (user) => {
    const { rows } = await client.query({ name: 'find', text: 'select password from users where email = $1', values: [user] });
    if (rows.length !== 1) throw new Error(`there is no ${user}`);
  });
});
