import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nginxBlock, type NginxFacts } from '../../src/cli/nginx-block.js';
import type { PosternFacts } from '../../src/cli/nginx-lint/postern-facts.js';
import { rules } from './lint-fixtures.js';

describe('the block that postern prints itself', () => {
  const listens = fc.constantFrom(
    '127.0.0.1:9143',
    '[::1]:9143',
    '0.0.0.0:9143',
    '[::]:9000',
    'unix:/run/postern/auth.sock',
    'localhost:9143',
  );
  const doorOf = (text: string): PosternFacts['doors'][number] => {
    if (text.startsWith('unix:')) return { kind: 'unix', path: text.slice(5) };
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
    return { kind: 'tcp', host, port: Number(port) };
  };
  const block = fc.record({
    doors: fc.uniqueArray(listens, { minLength: 1, maxLength: 3 }),
    key: fc.option(fc.string({ minLength: 1, unit: fc.constantFrom('a', '"', '\\', "'", '$', '{', '}', ';', '#', ' ', 'é') }), {
      nil: undefined,
    }),
    deadlineMs: fc.integer({ min: 10, max: 57_000 }),
    requireTls: fc.boolean(),
    recipients: fc.boolean(),
    certificates: fc.constantFrom<NginxFacts['certificates'][]>('off', 'subject', 'pem'),
    certificate: fc.boolean(),
    proxy: fc.option(fc.record({ address: fc.constant('10.0.0.1:9443'), tls: fc.boolean() }), { nil: undefined }),
  });

  it('has no findings for its own config, but for the TLS that a certificate brings', () => {
    fc.assert(
      fc.property(block, ({ certificate, key, doors, ...given }) => {
        const text = nginxBlock({
          ...given,
          ...{ doors, serverName: 'mail.example.org' },
          key: key === undefined ? { kind: 'absent' } : { kind: 'revealed', key },
          files: certificate ? { certificate: '/a', key: '/b' } : undefined,
        });
        const own = { ...given, doors: doors.map(doorOf), keys: key === undefined ? undefined : [key] };
        const found = rules(`events {}\n${text}`, own).map((each) => each.replace(/ \d+$/, ''));
        const allowed = certificate ? [] : [given.requireTls ? 'error tls-required' : 'warning tls-missing'];
        expect([...new Set(found)]).toEqual(allowed);
      }),
      { numRuns: 300 },
    );
  });

  it('says of the place of the key that it is not filled in', () => {
    const text = nginxBlock({
      ...{ doors: ['127.0.0.1:9143'], key: { kind: 'hidden' }, deadlineMs: 5000, requireTls: false, recipients: false },
      ...{ certificates: 'off', proxy: undefined, files: { certificate: '/a', key: '/b' }, serverName: 'mail.example.org' },
    });
    expect([...new Set(rules(text).map((each) => each.replace(/ \d+$/, '')))]).toEqual(['error key-wrong']);
  });
});
