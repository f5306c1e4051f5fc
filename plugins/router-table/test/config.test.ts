import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@postern/testkit';
import { tablePlugin } from '@postern/router-table';
import { z } from 'zod';

const thisFile = fileURLToPath(import.meta.url);
const inspect = (input: unknown) => tablePlugin.inspect?.(parseConfig(tablePlugin, input)) ?? {};

describe('the config of the table router', () => {
  it.each<[string, unknown, string]>([
    ['no source', {}, 'give one of map, file, attribute, sql or redis'],
    ['two sources', { map: { a: 'b' }, attribute: 'host' }, 'attribute: give only one of map and attribute'],
    ['a format without a file', { map: { a: 'b' }, format: 'json' }, 'format: '],
    ['an unknown format', { file: thisFile, format: 'csv' }, 'format: '],
    ['two sources, one of them SQL', { map: { a: 'b' }, sql: { url: 'sqlite:x', query: 'select 1' } }, 'sql: give only one of map and sql'],
    ['a database without a query', { sql: { url: 'sqlite:x' } }, 'sql.query: '],
    ['a Redis key with an unknown variable', { redis: { key: '{usr}' } }, 'redis.key: knows {key}'],
    ['Redis beside a map', { map: { a: 'b' }, redis: { key: '{user}' } }, 'redis: give only one of map and redis'],
    ['a file that is not there', { file: '/nowhere/homes' }, 'file: the file /nowhere/homes cannot be read (ENOENT)'],
    ['no keys', { keys: [], map: { a: 'b' } }, 'keys: give at least one key'],
    ['an unknown variable', { keys: ['{usr}'], map: { a: 'b' } }, 'keys.0: unknown variable {usr}'],
    ['a value that is no text', { map: { a: 143 } }, 'map.a: expected a text'],
    ['an empty value', { map: { a: '' } }, 'map.a: expected a text'],
    ['an unknown key', { map: { a: 'b' }, maps: {} }, 'maps'],
  ])('refuses %s', (_, input, message) => {
    expect(() => parseConfig(tablePlugin, input)).toThrow(message);
  });

  it('gives as backends what can be nothing else, so that a dangling name stops the start', () => {
    const map = { a: 'mail-a', b: '10.0.0.999', c: '10.0.0.1:143', d: 'mx:143', e: 'mail-a:99999', f: '::1', g: 'mail a.example' };
    expect(inspect({ map })).toMatchObject({
      backends: [
        { name: 'mail-a', path: ['map', 'a'] },
        { name: '10.0.0.999', path: ['map', 'b'] },
        { name: 'mail-a:99999', path: ['map', 'e'] },
        { name: 'mail a.example', path: ['map', 'g'] },
      ],
      namesBackendsAtRunTime: false,
      readsAttributes: [],
      advice: [],
    });
  });

  it('says whether it goes by attributes', () => {
    expect(inspect({ map: { a: 'mail-a' } }).readsAttributes).toEqual([]);
    expect(inspect({ attribute: 'host' }).readsAttributes).toEqual([['attribute']]);
    expect(inspect({ map: { a: 'mail-a' }, keys: ['{user}', '{attributes.site}'] }).readsAttributes).toEqual([['keys', 1]]);
  });

  it('says that backends can be named at run time when they can', () => {
    expect(inspect({ map: { a: 'mx.example.org' } })).toMatchObject({ backends: [], namesBackendsAtRunTime: true });
    expect(inspect({ map: { a: '10.0.0.1' } })).toMatchObject({ backends: [], namesBackendsAtRunTime: true });
    expect(inspect({ attribute: 'host' }).namesBackendsAtRunTime).toBe(true);
    expect(inspect({ file: thisFile }).namesBackendsAtRunTime).toBe(true);
  });

  it('refuses two spellings of one key', () => {
    expect(inspect({ map: { 'Ann@x.org': 'mail-a', 'ben@x.org': 'mail-a', 'ann@X.org': 'mail-b' } }).advice).toMatchObject([
      { path: ['map', 'ann@X.org'], severity: 'error', message: 'ann@X.org and Ann@x.org are the same key' },
    ]);
  });

  it('warns of keys that do nothing or do harm', () => {
    expect(inspect({ keys: ['{user}'], attribute: 'host' }).advice).toMatchObject([{ path: ['keys'], severity: 'warning' }]);
    expect(inspect({ keys: ['{user}', '{clientIp}'], map: { a: 'b' } }).advice).toMatchObject([{ path: ['keys', 1], severity: 'warning' }]);
    expect(inspect({ keys: ['{user}'], map: { '*': 'b' } }).advice).toMatchObject([{ path: ['map', '*'], severity: 'warning' }]);
  });

  it('describes every option, for the docs and for editors', () => {
    const schema = z.toJSONSchema(tablePlugin.config, { io: 'input' });
    for (const option of Object.values(schema.properties ?? {})) expect(option).toHaveProperty('description');
    expect(schema.properties).toMatchObject({ keys: { default: ['{user}', '{domain}', '*'] } });
  });
});
