import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { Advice } from '@postern/contract';
import { parseConfig } from '@postern/testkit';
import { z } from 'zod';
import { staticPlugin } from '../src/index.js';

const problems = (input: unknown): readonly string[] => {
  const parsed = staticPlugin.config.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

const advice = (input: unknown): readonly Advice[] => staticPlugin.inspect?.(parseConfig(staticPlugin, input)).advice ?? [];

describe('the config of static', () => {
  it('tells every mistake with its path', () => {
    const found = problems({
      users: { ' a': '{PLAIN}x', b: 5, c: { password: '{PLAIN}x', enable: true }, 'd@exa mple': 'x' },
      allowWeak: ['SHA0'],
      colour: 'red',
    });
    expect(found).toEqual([
      'users. a: is no login: a name, or a name and a domain with @ between them',
      'users.b: expected "{SCHEME}hash" or { password, enabled, attributes }',
      'users.c.enable: unknown key; there are password, enabled, attributes',
      expect.stringContaining('users.d@exa mple: is no login'),
      expect.stringContaining('allowWeak.0: expected one of ARGON2ID'),
      expect.stringContaining('colour'),
    ]);
  });

  it('users that differ by case, by the form of their domain or by `domain` only are told twice', () => {
    expect(problems({ users: { 'Ann@x.org': '{PLAIN}x', 'ann@X.ORG': '{PLAIN}y' } })).toEqual([
      'users.ann@X.ORG: is the same user as "Ann@x.org": users are compared in lower case, with their domain',
    ]);
    expect(problems({ users: { 'b@bücher.example': '{PLAIN}x', 'b@xn--bcher-kva.example': '{PLAIN}y' } })).toHaveLength(1);
    expect(problems({ domain: 'x.org', users: { ann: '{PLAIN}x', 'ann@x.org': '{PLAIN}y' } })).toHaveLength(1);
    expect(problems({ users: { ann: '{PLAIN}x', 'ann@x.org': '{PLAIN}y' } })).toEqual([]);
  });

  it('wants either users or a file, and a format only with a file', () => {
    expect(problems({})).toEqual([': expected either `users` or `file`']);
    expect(problems({ users: { a: '{PLAIN}x' }, file: 'x' })).toEqual([': expected either `users` or `file`']);
    expect(problems({ users: { a: '{PLAIN}x' }, format: 'htpasswd' })).toEqual(['format: `format` is for `file`']);
    expect(problems({ file: 'x', format: 'shadow' })).toHaveLength(1);
    expect(problems({ users: [] })).toEqual(['users: expected a mapping of users to passwords']);
  });

  it('a file that is not there is a problem of the config', () => {
    expect(() => parseConfig(staticPlugin, { file: 'no-such-file' }, { directory: '/nonexistent', env: {} })).toThrow(
      '/nonexistent/no-such-file',
    );
  });

  it('warns of clear text and of weak schemes, and stops the start for what could never let anybody in', () => {
    const given = {
      allowWeak: ['sha'],
      users: {
        clear: '{PLAIN}x',
        weak: { password: '{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=' },
        forbidden: '{SMD5}hLblCZqmmD5T0YV1sLThRHNhbHRTQUxU',
        forgotten: 'just a password',
        fine: '$2y$04$avZxP0op5FENy9PNSR7BbOw13vDXKxP46WQvtS3fuLw3e3iC62j12',
        none: {},
      },
    };
    expect(advice(given).map(({ path, severity }) => [path.join('.'), severity])).toEqual([
      ['users.clear', 'warning'],
      ['users.weak.password', 'warning'],
      ['users.forbidden', 'error'],
      ['users.forgotten', 'error'],
    ]);
    expect(advice(given)[2]?.hint).toContain('add SMD5 to `allowWeak`');
    expect(advice(given)[3]?.hint).toContain('{PLAIN}');
    expect(JSON.stringify(advice(given))).not.toContain('just a password');
  });

  it('says once what is unwise for many users, and each mistake by itself', () => {
    const clear = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`u${n}`, '{PLAIN}x']));
    const told = advice({ users: { ...clear, one: 'no hash', two: 'no hash' } });
    expect(told.map(({ path, severity }) => [path.join('.'), severity])).toEqual([
      ['users.u0', 'warning'],
      ['users.one', 'error'],
      ['users.two', 'error'],
    ]);
    expect(told[0]?.message).toContain('999 more users');
  });

  it('rule 67: stored passwords do not show when the config is printed', () => {
    const config = parseConfig(staticPlugin, { users: { a: '{PLAIN}canary-1', b: { password: '{PLAIN}canary-2', enabled: false } } });
    expect(JSON.stringify(config) + inspect(config, { depth: 9, showHidden: true })).not.toContain('canary');
    expect(JSON.stringify(config)).toContain('"a":{"password":"[secret]"');
  });

  it('describes itself as JSON Schema, every option with a sentence', () => {
    const schema = z.toJSONSchema(staticPlugin.config, { io: 'input', unrepresentable: 'any' }) as {
      properties: Record<string, { description?: string }>;
    };
    for (const property of Object.values(schema.properties)) expect(property.description).toMatch(/\.$/);
    expect(schema.properties).toMatchObject({ defaultScheme: { default: 'CRYPT' }, allowWeak: { default: [] } });
    expect(JSON.stringify(schema.properties['users'])).not.toContain('$schema');
  });
});
