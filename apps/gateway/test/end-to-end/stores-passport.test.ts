import { startSlapd, type Slapd } from '@postern/testkit';
import { createRequire } from 'node:module';
import { byHost, directoryPeople, peopleBase, reader } from './setup/directory-people.js';
import { describeStoreEndToEnd } from './setup/store-suite.js';

// As if it had been installed beside the config file.
const { resolve } = createRequire(new URL('../../../../plugins/credential-passport/package.json', import.meta.url));

let slapd: Slapd;

describeStoreEndToEnd({
  name: 'passport with passport-ldapauth on OpenLDAP',
  open: async (room) => (slapd = await startSlapd(room, { name: 'slapd', ldif: directoryPeople })),
  plugins: () => [
    {
      use: 'passport',
      as: 'people',
      with: {
        strategy: resolve('passport-ldapauth'),
        options: {
          server: {
            url: `ldap://${slapd.host}:${slapd.port}`,
            bindDN: reader.dn,
            bindCredentials: reader.password,
            searchBase: peopleBase,
            searchFilter: '(mail={{username}})',
            connectTimeout: 1000,
            timeout: 1000,
          },
        },
      },
    },
    { ...byHost, with: { attribute: 'mailHost' } },
  ],
  cause: /ECONNREFUSED/u,
});
