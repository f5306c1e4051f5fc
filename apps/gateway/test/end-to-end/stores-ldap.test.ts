import { expect, it } from '@jest/globals';
import { startSlapd, type Slapd } from '@postern/testkit';
import { byHost, directoryPeople, peopleBase, peopleQuery, reader, tablePeople } from './setup/directory-people.js';
import { logIn } from './setup/log-in.js';
import { ann, bob, dora, wrong } from './setup/people.js';
import { sqliteFile } from './setup/sqlite-file.js';
import { describeStoreEndToEnd } from './setup/store-suite.js';
import { denied, letIn } from './setup/words.js';

let slapd: Slapd;

describeStoreEndToEnd({
  name: 'ldap on OpenLDAP',
  open: async (room) => (slapd = await startSlapd(room, { name: 'slapd', ldif: directoryPeople })),
  plugins: () => [
    {
      use: 'ldap',
      as: 'people',
      with: {
        url: `ldap://${slapd.host}:${slapd.port}`,
        base: peopleBase,
        filter: '(&(objectClass=inetOrgPerson)(mail={user}))',
        bind: reader,
        attributes: { host: 'mailHost' },
        disabled: '(employeeType=disabled)',
      },
    },
    byHost,
  ],
  cause: /ECONNREFUSED/u,
  also: (stage, usual) => {
    it('tells a disabled account so only when the password was right', async () => {
      expect((await logIn(stage(), dora)).answer).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/u);
      expect((await logIn(stage(), wrong(dora))).answer).toMatch(denied.imap);
    });

    it('asked for hostile logins by value alone: the directory saw stars and brackets escaped', () => {
      const filters = slapd.output().match(/filter="[^"]*"/gu) ?? [];
      expect(filters.filter((filter) => filter.includes('\\2A\\29\\28uid=\\2A'))).not.toEqual([]);
      expect(filters.filter((filter) => /\(uid=|\(mail=\*\)/u.test(filter))).toEqual([]);
    });

    it('gives way to sql by an edit of the plugin list and SIGHUP, and nginx notices nothing', async () => {
      const { nginx, gateway, servers } = stage();
      const { pid } = nginx.process;
      const url = `sqlite:${await sqliteFile(servers.room, 'people.db', tablePeople)}`;
      const sql = { use: 'sql', as: 'people', with: { url, query: peopleQuery } };
      await gateway.reload({ ...usual(), plugins: [sql, byHost] }, /"msg":"reloaded"/u);
      // slapd writes late: what the logins before this test asked is there once the end of a connection stands behind it.
      await slapd.untilOutput(/dora@a[^]*err=49[^]*UNBIND[^]*closed[^]*closed/u);
      const asked = slapd.output().length;
      for (const person of [ann, bob]) expect((await logIn(stage(), person)).answer).toMatch(letIn);
      expect((await logIn(stage(), wrong(ann))).answer).toMatch(denied.imap);
      expect(slapd.output().slice(asked)).not.toMatch(/ BIND dn="mail=| SRCH base=/u);
      await gateway.reload(usual(), /"msg":"reloaded"/u);
      const places = await Promise.all([ann, bob].map((person) => logIn(stage(), person)));
      expect(places.map(({ place }) => place)).toEqual(['mail-a', 'mail-b']);
      expect(nginx.process.pid).toBe(pid);
    });
  },
});
