// The least that a login costs with this client library: one connection a worker, a search and a bind on it.
import ldapjs from 'ldapjs';
import { password, serve } from './loop.mjs';

const connect = (url) =>
  new Promise((resolve, reject) => {
    const client = ldapjs.createClient({ url });
    client.once('connect', () => resolve(client)).once('error', reject);
  });

const bind = (client, dn, secret) =>
  new Promise((resolve, reject) => client.bind(dn, secret, (error) => (error ? reject(error) : resolve())));

const find = (client, base, user) =>
  new Promise((resolve, reject) => {
    const filter = new ldapjs.EqualityFilter({ attribute: 'mail', value: user });
    client.search(base, { scope: 'sub', sizeLimit: 2, filter, attributes: ['mail'] }, (error, answer) => {
      if (error) return reject(error);
      let dn;
      answer.on('searchEntry', (entry) => (dn = entry.objectName.toString()));
      answer.on('error', reject);
      answer.on('end', () => (dn === undefined ? reject(new Error(`there is no ${user}`)) : resolve(dn)));
    });
  });

serve(async ({ connections, url, base, service }) => {
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(url)));
  await Promise.all(clients.map((client) => bind(client, service.dn, service.password)));
  return clients.map((client) => async (user) => bind(client, await find(client, base, user), password));
});
