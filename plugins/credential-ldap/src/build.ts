import type { Log, Services } from '@postern/contract';
import { AccountMap } from './account.js';
import { Admission } from './admission.js';
import { UnclearAnswer } from './bind-outcome.js';
import type { Check } from './checks/check.js';
import { SearchBind } from './checks/search-bind.js';
import { TemplateBind } from './checks/template.js';
import { VerifyHere } from './checks/verify-here.js';
import type { LdapConfig } from './config.js';
import { Connections } from './connections.js';
import type { Directory, ServerAddress } from './directory-types.js';
import type { Open } from './open-first.js';
import { PasswordChanged } from './password-changed.js';
import { People } from './people.js';
import { Searcher } from './searcher.js';
import { ServiceAccount } from './service-account.js';
import { Servers } from './servers.js';
import { Site } from './site.js';
import { LdapStore } from './store.js';
import { readTls } from './tls-files.js';

/** Searches at most that share a connection: one that fails takes no more of them along. */
const together = 8;

const addressesOf = ({ url, startTls }: LdapConfig): readonly ServerAddress[] =>
  url.map(({ text, secure, host, port }) => ({ url: text, host, port, security: secure ? 'tls' : startTls ? 'starttls' : 'none' }));

/** Connections of nobody in particular. */
const opening =
  (config: LdapConfig, directory: Directory): Open =>
  async (address) =>
    directory.open(address, await readTls(config.tls));

/** Connections of the service account. */
const openingAs =
  (service: LdapConfig['bind'], open: Open): Open =>
  async (address, signal) => {
    const connection = await open(address, signal);
    if (service === undefined) return connection;
    const result = await connection.bind(service.dn, Buffer.from(service.password.reveal(), 'utf8'), signal).catch((error: unknown) => {
      // Whoever gave up before the bind went out left it alive, and it is in no pool yet.
      connection.destroy();
      throw error;
    });
    if (result.code === 0) return connection;
    connection.destroy();
    // The reason stands in the message: `/readyz` shows that alone.
    const cause = new UnclearAnswer('bind', result);
    throw new Error(`${address.url} does not take the service account: ${cause.message}`, { cause });
  };

const decoyOf = ({ decoy, base }: LdapConfig): string | undefined => {
  if (decoy === false) return undefined;
  return decoy ?? (base === undefined || base === '' ? 'cn=nobody-of-this-name' : `cn=nobody-of-this-name,${base}`);
};

const peopleOf = ({ base, scope, filter }: LdapConfig, wanted: readonly string[], log: Log): People | undefined =>
  base === undefined ? undefined : new People({ base, scope, filter: filter.tree, wanted, log });

/** Puts a store together. Opens nothing. */
export const buildStore = (config: LdapConfig, services: Services, directory: Directory): LdapStore => {
  const { clock, log } = services;
  const servers = new Servers(addressesOf(config), clock, log);
  const { idle: idleMs, age: ageMs, waiting } = config.pool;
  const connections = (max: number, open: Open): Connections =>
    new Connections({ servers, clock, open, limits: { max, together, waiting, idleMs, ageMs } });
  const open = opening(config, directory);
  const openSearch = openingAs(config.bind, open);
  const searches = connections(config.pool.search, openSearch);
  const binds = connections(config.pool.bind, open);
  const { require, disabled, lockedFor } = config;
  const changed = new PasswordChanged(config.passwordChanged);
  const admission = new Admission({ accounts: new AccountMap(config.attributes), require, disabled, lockedFor, clock, changed });
  const site = (...pools: readonly Connections[]): Site => new Site({ servers, pools, open: pools[0] === searches ? openSearch : open });
  const searcher = new Searcher(searches);
  const account = new ServiceAccount(config.bind?.dn);
  const wanted = [...admission.wanted, ...account.wanted];

  const withPeople = (make: (people: People) => Check, wanted: readonly string[], pools: readonly Connections[]): LdapStore => {
    const people = peopleOf(config, wanted, log);
    if (people === undefined) throw new Error('there is no `base` to search');
    return new LdapStore(make(people), site(...pools));
  };
  switch (config.check) {
    case 'search-bind':
      return withPeople((people) => new SearchBind({ people, searcher, binds, admission, account, decoy: decoyOf(config) }), wanted, [
        searches,
        binds,
      ]);
    case 'verify-here': {
      const { passwordAttribute: attribute, defaultScheme, allowWeak } = config;
      const rules = { defaultScheme, allowWeak };
      return withPeople(
        (people) => new VerifyHere({ people, searcher, admission, attribute, rules }),
        [...admission.wanted, attribute],
        [searches],
      );
    }
    case 'template': {
      if (config.dn === undefined) throw new Error('there is no `dn` to log in as');
      const service = config.bind === undefined ? undefined : searcher;
      const people = peopleOf(config, wanted, log);
      const check = new TemplateBind({ template: config.dn, binds, admission, people, account, searcher: service });
      return new LdapStore(check, site(binds, searches));
    }
  }
};
