import { describe, expect, it } from '@jest/globals';
import { fakeServices, parseConfig } from '@postern/testkit';
import { domainPlugin } from '@postern/router-domain';
import { z } from 'zod';

const inspect = (input: unknown) => domainPlugin.inspect?.(parseConfig(domainPlugin, input)) ?? {};

describe('the config of the domain router', () => {
  it.each<[string, string, string, string]>([
    ['a star alone', '*', 'mail-a', '`default`'],
    ['a user', 'ann@example.org', 'mail-a', 'table'],
    ['a leading dot', '.example.org', 'mail-a', '*.example.org'],
    ['a star within', 'mail.*.org', 'mail-a', 'Write example.org'],
    ['two stars', '*.*.org', 'mail-a', 'Write example.org'],
    ['an address', '10.0.0.0/8', 'mail-a', 'Write example.org'],
    ['white space', 'example .org', 'mail-a', 'Write example.org'],
    ['an empty key', '', 'mail-a', 'Write example.org'],
    ['the key __proto__.', '__proto__..', 'mail-a', 'Write example.org'],
    ['an expression without slashes', '^(\\w+)\\.example\\.org$', 'mail-a', 'slashes'],
    ['an expression without its second slash', '/^a$', 'mail-a', 'slashes'],
    ['an empty expression', '//', 'mail-a', 'slashes'],
    ['flags', '/^a$/i', 'mail-a', 'Leave them out'],
    ['a broken expression', '/^(a$/', 'mail-a', 'JavaScript'],
    ['a capture that is not there', '/^(a)$/', 'mail-$2', 'brackets'],
    ['a capture of no expression', 'example.org', 'mail-$1', '/expressions/'],
    ['a named capture', '/^(?<x>a)$/', 'mail-$<x>', '$1 to $9'],
    ['a capture with a digit after it', '/^(a)$/', 'mail-$10', '$1 to $9'],
    ['a repeated repetition', '/^(a+)+$/', 'mail-a', '(a+)+'],
    ['a repeated repetition of a class', '/^([a-z]*)*$/', 'mail-a', '(a+)+'],
    ['a repeated repetition of an escape', '/^(?:\\w{1,9})+x$/', 'mail-a', '(a+)+'],
  ])('refuses %s, with its path and a hint', (_, key, backend, hint) => {
    const found = inspect({ routes: { [key]: backend } });
    expect(found.advice).toEqual([
      { path: ['routes', key], severity: 'error', message: expect.any(String), hint: expect.stringContaining(hint) },
    ]);
    expect(() => domainPlugin.create(parseConfig(domainPlugin, { routes: { [key]: backend } }), fakeServices())).toThrow();
  });

  it('reports every bad route, not only the first', () => {
    expect(inspect({ routes: { '*': 'mail-a', 'a@b': 'mail-a', 'example.org': 'mail-a' } }).advice).toHaveLength(2);
  });

  it('refuses two spellings of one domain', () => {
    const routes = { 'münchen.example': 'mail-a', 'XN--MNCHEN-3YA.example.': 'mail-b', '*.münchen.example': 'mail-a' };
    expect(inspect({ routes }).advice).toMatchObject([{ path: ['routes', 'XN--MNCHEN-3YA.example.'], severity: 'error' }]);
  });

  it('refuses a config that says nothing', () => {
    expect(inspect({}).advice).toMatchObject([{ path: [], severity: 'error' }]);
    expect(inspect({ default: 'mail-a' }).advice).toEqual([]);
  });

  it.each([{ routes: { 'example.org': 5 } }, { routes: [] }, { routes: { 'example.org': ['mail-a'] } }, { default: '' }, { route: {} }])(
    'refuses %j by its schema',
    (input) => {
      expect(() => parseConfig(domainPlugin, input)).toThrow();
    },
  );

  it('warns of expressions that are not bound to both ends, and of nested repetitions', () => {
    const warnings = (key: string) =>
      inspect({ routes: { [key]: 'mail-a' } }).advice?.map(({ severity, message }) => `${severity} ${message}`);
    expect(warnings('/example\\.org/')).toEqual([expect.stringMatching(/^warning .*both ends/)]);
    expect(warnings('/^example\\.org/')).toEqual([expect.stringMatching(/^warning .*both ends/)]);
    expect(warnings('/^(\\w+\\.)+example\\.org$/')).toEqual([expect.stringMatching(/^warning .*slow/)]);
    expect(warnings('/^(\\w+)\\.example\\.org$/')).toEqual([]);
  });

  it('names its backends with their paths, except those made of captures', () => {
    const routes = { 'example.org': 'mail-a', '*.example.org': 'mail-b', '/^a$/': 'mail-c', '/^(b)$/': 'mail-$1' };
    expect(inspect({ routes, default: 'mail-d' })).toMatchObject({
      backends: [
        { name: 'mail-a', path: ['routes', 'example.org'] },
        { name: 'mail-b', path: ['routes', '*.example.org'] },
        { name: 'mail-c', path: ['routes', '/^a$/'] },
        { name: 'mail-d', path: ['default'] },
      ],
      namesBackendsAtRunTime: true,
      advice: [],
    });
    expect(inspect({ routes: { 'example.org': 'mail-a' } }).namesBackendsAtRunTime).toBe(false);
  });

  it('describes every option, for the docs and for editors', () => {
    const schema = z.toJSONSchema(domainPlugin.config, { io: 'input' });
    for (const option of Object.values(schema.properties ?? {})) expect(option).toHaveProperty('description');
  });
});
