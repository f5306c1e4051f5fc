import { describe, expect, it } from '@jest/globals';
import { bindConfig } from '@postern/contract';
import { migrationSchema } from '../src/boot/schema/migration.js';

const place = { directory: '/etc/postern', env: { DSN: 'postgres://u:s%40cret@db/mail' } };

describe('the section migration', () => {
  it('has a default for everything', () => {
    const config = migrationSchema.parse(undefined);
    expect(bindConfig(config, place)).toEqual([]);
    expect(config).toMatchObject({
      attributes: ['host'],
      exit: { mismatches: 0.001, captured: 0.95, minCompared: 100, observeFor: 3 * 86_400_000 },
    });
    expect(config.ledger.address).toEqual({ text: 'sqlite:/etc/postern/postern-migration.db', password: '' });
  });

  it('keeps the password of its database to itself', () => {
    const config = migrationSchema.parse({ ledger: { env: 'DSN' } });
    expect(bindConfig(config, place)).toEqual([]);
    expect(config.ledger.reveal()).toBe('s@cret');
    expect(String(config.ledger)).toBe('postgres://u@db/mail');
  });

  it.each(['redis://x', 'sqlite:', 'sqlite::memory:', 'postgres://db/mail', 'mysql://u:p@db', 'postgres://u:%@db/mail', 'nothing'])(
    'refuses %s as a ledger',
    (ledger) => {
      expect(bindConfig(migrationSchema.parse({ ledger }), place)).toHaveLength(1);
    },
  );

  it.each(['0.1', '101%', '-1%', 'all', '1.23456%', ''])('refuses "%s" as a share', (mismatches) => {
    expect(migrationSchema.safeParse({ exit: { mismatches } }).success).toBe(false);
  });
});
