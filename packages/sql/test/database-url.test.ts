import { inspect } from 'node:util';
import { bind } from '@postern/contract';
import { describe, expect, it } from '@jest/globals';
import { DatabaseUrl, parseDatabaseUrl } from '@postern/sql';

const read = (text: string) => parseDatabaseUrl(text, '/etc/postern');

describe('a database URL', () => {
  it('says who, where and what', () => {
    expect(read('postgres://u:p%40ss@db1.example.org,db2:5433,[2001:db8::1]:5434/mail')).toEqual({
      dialect: 'postgres',
      user: 'u',
      password: 'p@ss',
      database: 'mail',
      hosts: [
        { host: 'db1.example.org', port: 5432 },
        { host: 'db2', port: 5433 },
        { host: '2001:db8::1', port: 5434 },
      ],
    });
    expect(read('postgresql://u@h/d?sslmode=verify-full')).toMatchObject({ dialect: 'postgres', password: '', tls: true });
    expect(read('mariadb://u:p@h/d?sslmode=disable')).toMatchObject({ dialect: 'mysql', hosts: [{ host: 'h', port: 3306 }], tls: false });
    expect(read('mysql://u:p@/d?socket=/run/mysqld/mysqld.sock')).toMatchObject({ hosts: [{ socket: '/run/mysqld/mysqld.sock' }] });
    expect(read('postgres://u@/d?host=/run/postgresql')).toMatchObject({ hosts: [{ socket: '/run/postgresql/.s.PGSQL.5432' }] });
    for (const of5433 of ['postgres://u@/d?host=/run/postgresql&port=5433', 'postgres://u@:5433/d?host=/run/postgresql'])
      expect(read(of5433)).toMatchObject({ hosts: [{ socket: '/run/postgresql/.s.PGSQL.5433' }] });
    expect(read('postgres://u@/d?socket=/run/postgresql/.s.PGSQL.5433')).toMatchObject({
      hosts: [{ socket: '/run/postgresql/.s.PGSQL.5433' }],
    });
  });

  it('names a file relative to the config', () => {
    expect(read('sqlite:users.db')).toEqual({ dialect: 'sqlite', path: '/etc/postern/users.db' });
    expect(read('sqlite:/var/users.db')).toEqual({ dialect: 'sqlite', path: '/var/users.db' });
    expect(read('sqlite:///var/users.db')).toEqual({ dialect: 'sqlite', path: '/var/users.db' });
  });

  it('is refused when anything in it is not understood, without giving its password away', () => {
    const bad = [
      'users.db',
      'http://u:geheim@h/d',
      'postgres:u:geheim@h/d',
      'postgres://h/d',
      'postgres://u:geheim@h',
      'postgres://u:geheim@/d',
      'postgres://u:geheim@h:0/d',
      'postgres://u:geheim@h h/d',
      'postgres://u:gehe/im@h/d',
      'postgres://u:gehe%im@h/d',
      'postgres://u:geheim@h/d?sslmode=require',
      'postgres://u:geheim@h/d?sslmode=prefer',
      'postgres://u:geheim@h/d?statement_timeout=1',
      'postgres://u:geheim@h/d?port=5433',
      'mysql://u:geheim@/d?host=/run&port=1',
      'mysql://u:geheim@h/d?socket=relative',
      'sqlite:',
      'sqlite::memory:',
      'sqlite://host/users.db',
      'sqlite:users.db?mode=ro',
    ];
    for (const text of bad) {
      let message = '';
      try {
        read(text);
      } catch (error) {
        message = `${(error as Error).message} ${(error as { hint: string }).hint}`;
      }
      expect([text, message]).toEqual([text, expect.stringMatching(/^the database URL /)]);
      expect(message).not.toMatch(/geheim|gehe/);
    }
  });

  it('that is refused stops no other check of the config', () => {
    const url = new DatabaseUrl('postgres://u:pw%@h/d');
    expect(() => url[bind]({ directory: '/', env: {} })).toThrow('stray %');
    expect(url.literal).toBe(false);
  });

  it('shows no password when it is printed', () => {
    const url = new DatabaseUrl('postgres://u:geheim@h/d');
    url[bind]({ directory: '/', env: {} });
    expect([String(url), JSON.stringify(url), inspect(url, { showHidden: true, depth: 9 })].join()).not.toContain('geheim');
    expect(url.reveal()).toBe('geheim');
    expect(url.literal).toBe(true);
    const bare = new DatabaseUrl('sqlite:users.db');
    bare[bind]({ directory: '/', env: {} });
    expect(bare.literal).toBe(false);
    const outside = new DatabaseUrl({ env: 'DSN' });
    expect(() => outside.address).toThrow(/not bound/);
    outside[bind]({ directory: '/', env: { DSN: 'mysql://u:geheim@h/d' } });
    expect(outside.literal).toBe(false);
    expect(JSON.stringify(outside)).toBe('{"env":"DSN"}');
  });
});
