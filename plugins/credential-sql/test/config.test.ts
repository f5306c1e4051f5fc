import { bindConfig } from '@postern/contract';
import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@postern/testkit';
import { sqlPlugin } from '@postern/credential-sql';

const query = 'select password from people where email = {user}';
const place = { directory: '/etc/postern', env: { DSN: 'mysql://u:geheim@h/d' } };

const check = (input: object) => {
  const config = sqlPlugin.config.parse({ url: 'postgres://u:geheim@h/d', query, ...input });
  bindConfig(config, place);
  return (sqlPlugin.inspect?.(config).advice ?? []).map(({ path, severity, message }) => `${path.join('.')} ${severity}: ${message}`);
};

describe('the config of sql', () => {
  it('needs a URL and a query, and says nothing about a good one', () => {
    expect(check({})).toEqual([]);
    expect(check({ url: { env: 'DSN' }, query: 'select * from people where l = {local} and d = {domain}' })).toEqual([]);
    expect(() => parseConfig(sqlPlugin, { url: 'sqlite:x' })).toThrow(/query/);
    expect(() => parseConfig(sqlPlugin, { query })).toThrow(/url/);
    expect(() => parseConfig(sqlPlugin, { url: 'oracle://x', query })).toThrow(/does not begin with/);
    expect(() => parseConfig(sqlPlugin, { url: [], query })).toThrow(/url/);
    expect(() => parseConfig(sqlPlugin, { url: 'sqlite:x', query, pool: { size: 1 } })).toThrow(/size|pool/);
    expect(() => parseConfig(sqlPlugin, { url: 'sqlite:x', query, allowWeak: ['ROT13'] })).toThrow(/expected one of/);
  });

  it('refuses a template where nothing would be bound', () => {
    expect(check({ query: "select password from people where email = '{user}'" })).toEqual([
      expect.stringMatching(/^query error: \{user\} stands inside quotes/),
    ]);
    expect(check({ query: 'select password from people -- where email = {user}' })).toEqual([expect.stringMatching(/inside a comment/)]);
    expect(check({ lookup: "select 1 where a = '{user}'" })).toEqual([expect.stringMatching(/^lookup error/)]);
    expect(check({ enroll: "update people set password = '{password}' where email = {user} and password = {previous}" })).toEqual([
      expect.stringMatching(/^enroll error/),
    ]);
    // A backslash ends nothing in PostgreSQL, and hides a quote in MySQL.
    expect(check({ query: `${query} and note <> '\\' and a = {user}` })).toEqual([]);
    expect(check({ url: { env: 'DSN' }, query: `${query} and note <> '\\' and a = {user}` })).toEqual([expect.stringMatching(/never end/)]);
  });

  it('warns of what is probably a slip', () => {
    expect(check({ query: 'select password from people' })).toEqual([
      expect.stringMatching(/^query error: the query does not ask for \{user\}/),
    ]);
    expect(check({ query: 'select crypt from people where email = {user}' })).toEqual([
      expect.stringMatching(/^query warning: .*no column/),
    ]);
    expect(check({ query: `${query} and proto = {protocol}` })).toEqual([expect.stringMatching(/^query warning: .*lookup|explain/)]);
    expect(check({ query: `${query} and proto = {protocol}`, lookup: query })).toEqual([]);
    for (const comparison of ['like {user}', 'ilike lower({user})', 'LIKE  {local}', 'similar to {user}'])
      expect(check({ query: `select password from people where email ${comparison}` })).toEqual([
        expect.stringMatching(/^query warning: the query compares by pattern/),
      ]);
    expect(check({ url: { env: 'DSN' }, query })).toEqual([expect.stringMatching(/^query warning: .* called user, .*collations/)]);
    for (const spelt of ['select email as user, password from people where email = {user}', `${query} collate utf8mb4_bin`])
      expect(check({ url: { env: 'DSN' }, query: spelt })).toEqual([]);
    expect(check({ url: { env: 'DSN' }, query: 'select password from user where email = {user}' })).toHaveLength(1);
    expect(() => parseConfig(sqlPlugin, { url: 'postgres://u@h/d', query, tls: { cert: 'a.pem' } })).toThrow(/`cert` and `key` together/);
    expect(check({ query: "select password from people where email = {user} and host like 'mx%'" })).toEqual([]);
    expect(check({ enroll: 'update people set password = {password} where email = {user}' })).toEqual([
      expect.stringMatching(/^enroll warning/),
    ]);
    expect(check({ enroll: 'update people set password = {password} where password = {previous}' })).toEqual([
      expect.stringMatching(/^enroll error/),
    ]);
    expect(check({ enroll: 'insert into people values ({user}, {password}) on conflict do nothing' })).toEqual([]);
    expect(check({ url: ['postgres://u@h/d', 'mysql://u@h/d'] })).toEqual([expect.stringMatching(/different kinds/)]);
    expect(check({ url: 'postgres://u@h/d?sslmode=disable', tls: true })).toEqual([expect.stringMatching(/^tls warning/)]);
    expect(check({ url: 'sqlite:x', tls: true })).toEqual([expect.stringMatching(/^tls warning/)]);
  });
});
