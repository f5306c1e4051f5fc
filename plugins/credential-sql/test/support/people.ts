import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { fakeServices, LiveClock, parseConfig, type FakeServices, type StoreUnderTest } from '@postern/testkit';
import { sqlPlugin } from '@postern/credential-sql';

export const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

export const ann = { user: 'ann@example.org', password: 'Hash-of-Ann' };
export const off = { user: 'off@example.org', password: 'Right-but-off' };
export const many = Array.from({ length: 100 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-${index}-of-many` }));

// htpasswd -nbBC 4, password Hash-of-Ann
export const bcrypt = '$2y$04$unc1qZLXs0t5lUUeYP3Z5uKdNAgyrhtW4HagimJigTu9MI/KWdco2';

const row = (user: string, password: string, enabled: number): string => `('${user}', '${password}', ${enabled}, 'mail-a')`;

/** Users without a password. */
export const fresh = Array.from({ length: 4 }, (_, index) => `fresh-${index}@example.org`);

const bare = fresh.map((user) => `('${user}', null, 1, 'mail-a')`);

/** Works in all three dialects. */
export const peopleSql = `
create table people (email varchar(190) primary key, password varchar(255), enabled smallint not null, host varchar(64));
insert into people values ${[
  row(ann.user, bcrypt, 1),
  row(off.user, `{PLAIN}${off.password}`, 0),
  ...many.map(({ user, password }) => row(user, `{PLAIN}${password}`, 1)),
  ...bare,
].join(',\n')};`;

export const peopleQuery = 'select password, enabled, host from people where email = {user}';

/** Keeps a hash where NULL stands for none, in each dialect's own words. */
export const enrollOf = (dialect: 'postgres' | 'mysql' | 'sqlite'): string => {
  const same = { postgres: 'is not distinct from', mysql: '<=>', sqlite: 'is' }[dialect];
  return `update people set password = {password} where email = {user} and password ${same} {previous}`;
};

/** For what never answers. A server that is well may still be slow: whatever else there is waits for it. */
export const hasty = { connectTimeout: '300ms', timeout: '400ms' };

/** A plugin's `with` for the table above. */
export const peopleConfig = (url: string, more: object = {}): object => ({
  url,
  query: peopleQuery,
  allowWeak: ['PLAIN'],
  connectTimeout: '20s',
  timeout: '20s',
  ...more,
});

export const makeStore = (config: object, services: FakeServices = liveServices(), directory = process.cwd()): StoreUnderTest =>
  sqlPlugin.create(parseConfig(sqlPlugin, config, { directory, env: {} }), services);

export const liveServices = (): FakeServices => fakeServices({ clock: new LiveClock() });

export const never = new AbortController().signal;
