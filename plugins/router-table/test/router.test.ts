import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account, Routing } from '@postern/contract';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { tablePlugin } from '@postern/router-table';

const backends = ['mail-a', 'mail-b', 'mail.example.org'];
const signal = new AbortController().signal;
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-table-'));
});

afterEach(() => rm(directory, { recursive: true }));

const make = (input: unknown) => {
  const services = fakeServices({ backends });
  const router = tablePlugin.create(parseConfig(tablePlugin, input, { directory, env: {} }), services);
  const ask = (user: string, attributes: Account['attributes'] = {}): Promise<Routing> =>
    router.locate({ user, attributes }, attempt({ user }), signal);
  const where = async (user: string, attributes: Account['attributes'] = {}): Promise<string> => {
    const routing = await ask(user, attributes);
    if (routing.kind !== 'placed') return routing.kind;
    return routing.backends.map((ref) => (ref.kind === 'named' ? ref.name : `host ${ref.host} ${ref.port ?? ''}`.trim())).join(', ');
  };
  return { router, services, ask, where };
};

describe('the table router', () => {
  it('looks for the user, then the domain, then the star', async () => {
    const { where } = make({ map: { 'ann@example.org': 'mail-a', 'example.org': 'mail-b', '*': '10.0.0.9' } });
    expect(await where('ann@example.org')).toBe('mail-a');
    expect(await where('ben@example.org')).toBe('mail-b');
    expect(await where('cleo@example.net')).toBe('host 10.0.0.9');
    expect(await where('dora')).toBe('host 10.0.0.9');
  });

  it('looks for the keys it is told, in their order', async () => {
    const map = { 'ann@example.org': 'mail-a', 'example.org': 'mail-b', north: 'mail.example.org', '@example.org': '10.0.0.1' };
    expect(await make({ keys: ['{domain}', '{user}'], map }).where('ann@example.org')).toBe('mail-b');
    expect(await make({ keys: ['{attributes.site}', '@{domain}'], map }).where('ann@example.org', { site: 'North' })).toBe(
      'mail.example.org',
    );
    expect(await make({ keys: ['{attributes.site}', '@{domain}'], map }).where('ann@example.org')).toBe('host 10.0.0.1');
    expect(await make({ keys: ['{local}'], map }).where('ann@example.org')).toBe('homeless');
  });

  it('is no home for accounts without a row', async () => {
    const { where } = make({ map: { 'ann@example.org': 'mail-a' } });
    for (const user of ['ben@example.org', 'ann', '__proto__', 'constructor', 'toString@hasOwnProperty', '', '@'])
      expect(await where(user)).toBe('homeless');
  });

  it('finds __proto__ when it has a row', async () => {
    expect(await make({ map: JSON.parse('{"__proto__":"mail-a"}') as unknown }).where('__proto__')).toBe('mail-a');
  });

  it('finds rows in any case and either IDN form', async () => {
    const { where } = make({ map: { 'Ann@München.Example': 'mail-a', 'XN--MNCHEN-3YA.example': 'mail-b' } });
    expect(await where('ann@xn--mnchen-3ya.example')).toBe('mail-a');
    expect(await where('BEN@münchen.example')).toBe('mail-b');
  });

  it('reads a declared name as that backend, and a host only if it is none', async () => {
    const map = {
      a: 'mail.example.org',
      b: 'mx.example.org',
      c: 'mail.example.org:1143',
      d: '[2001:db8::1]:143',
      e: '2001:db8::2',
      f: 'localhost:143',
    };
    const { where } = make({ map });
    expect(await Promise.all(Object.keys(map).map((user) => where(user)))).toEqual([
      'mail.example.org',
      'host mx.example.org',
      'host mail.example.org 1143',
      'host 2001:db8::1 143',
      'host 2001:db8::2',
      'host localhost 143',
    ]);
  });

  it('takes the value from an attribute of the account', async () => {
    const { where } = make({ attribute: 'host' });
    expect(await where('ann', { host: 'mail-a' })).toBe('mail-a');
    expect(await where('ann', { host: '10.0.0.5:1143' })).toBe('host 10.0.0.5 1143');
    expect(await where('ann', { host: '' })).toBe('homeless');
    expect(await where('ann')).toBe('homeless');
    expect(await make({ attribute: 'constructor' }).where('ann')).toBe('homeless');
  });

  it('reads past the blanks that a column of fixed width or a shell put around a value', async () => {
    const { where } = make({ attribute: 'host' });
    expect(await where('ann', { host: 'mail-a              ' })).toBe('mail-a');
    expect(await where('ann', { host: ' 10.0.0.5:1143\r\n' })).toBe('host 10.0.0.5 1143');
    expect(await where('ann', { host: '    ' })).toBe('homeless');
  });

  it.each([
    'mail-x',
    'mail a',
    '10.0.0.999',
    'mail-a:0',
    'mail-a:99999',
    'a\r\nAuth-Server: b',
    '-',
    '::',
    'x'.repeat(1 << 20),
    '../etc',
    'http://mail-a',
  ])('defers when an attribute says %.40j, and tells why in one short line', async (host) => {
    const { ask } = make({ attribute: 'host' });
    const routing = await ask('ann', { host });
    if (host === '::') return expect(routing).toMatchObject({ kind: 'placed' });
    expect(routing.kind).toBe('deferred');
    const message = String(routing.kind === 'deferred' && routing.cause);
    expect(message.length).toBeLessThan(160);
    expect(message).not.toMatch(/[\r\n]/);
  });
});

describe('a table in a file', () => {
  it.each([
    ['homes', 'ann@example.org mail-a\nexample.org\t10.0.0.1\n'],
    ['homes.txt', 'ann@example.org mail-a\nexample.org\t10.0.0.1\n'],
    ['homes.json', '{"ann@example.org": "mail-a", "example.org": "10.0.0.1"}'],
    ['homes.YML', 'ann@example.org: mail-a\nexample.org: 10.0.0.1\n'],
    ['homes.yaml', 'ann@example.org: mail-a\nexample.org: 10.0.0.1\n'],
  ])('is read by its name: %s', async (file, content) => {
    await writeFile(join(directory, file), content);
    const { router, where, services } = make({ file });
    await router.start?.(signal);
    expect(await where('ann@example.org')).toBe('mail-a');
    expect(await where('ben@example.org')).toBe('host 10.0.0.1');
    expect(await where('cleo@example.net')).toBe('homeless');
    expect(await router.health?.(signal)).toEqual({ status: 'up' });
    expect(services.log.lines).toContainEqual({
      level: 'info',
      message: 'the table was read',
      fields: { file: join(directory, file), rows: 2 },
    });
    await router.stop?.(signal);
    expect(services.files.open).toEqual([]);
  });

  it('is read as it is told, whatever its name', async () => {
    await writeFile(join(directory, 'homes.txt'), '{"ann": "mail-a"}');
    const { router, where } = make({ file: 'homes.txt', format: 'json' });
    await router.start?.(signal);
    expect(await where('ann')).toBe('mail-a');
  });

  it('is read again when it changes, and keeps its last good content when the new one is bad', async () => {
    const file = join(directory, 'homes');
    await writeFile(file, 'ann mail-a\n');
    const { router, where, services } = make({ file });
    await router.start?.(signal);
    await writeFile(file, 'ann mail-b\nben mail-a\n');
    await services.files.changed();
    expect(await where('ann')).toBe('mail-b');
    await writeFile(file, 'ann mail-a\nben mail-x\ncleo\n');
    await services.files.changed();
    expect(await where('ann')).toBe('mail-b');
    const health = await router.health?.(signal);
    expect(health).toMatchObject({
      status: 'degraded',
      note: expect.stringContaining('line 2: "mail-x" is neither a declared backend nor host[:port]; line 3: '),
    });
  });

  it('keeps its last good content when it is emptied, as by a program about to write it, or has comments alone', async () => {
    const file = join(directory, 'emptied');
    await writeFile(file, '# nobody yet\n');
    const { router, where, services } = make({ file });
    await router.start?.(signal);
    expect(await router.health?.(signal)).toEqual({ status: 'up' });
    await writeFile(file, 'ann mail-b\n');
    await services.files.changed();
    for (const content of ['', '# soon\n']) {
      await writeFile(file, content);
      await services.files.changed();
      expect(await where('ann')).toBe('mail-b');
      expect(await router.health?.(signal)).toMatchObject({ status: 'degraded', note: expect.stringContaining('there is no row in it') });
    }
    await writeFile(file, 'ann mail-a\n');
    await services.files.changed();
    expect(await where('ann')).toBe('mail-a');
  });

  it('that is bad from the beginning fails the start, and everybody waits', async () => {
    await writeFile(join(directory, 'homes'), 'ann\n');
    const { router, ask } = make({ file: 'homes' });
    await expect(router.start?.(signal)).rejects.toThrow('line 1');
    expect(await ask('ann')).toMatchObject({ kind: 'deferred', cause: expect.any(Error) });
    expect(await router.health?.(signal)).toMatchObject({ status: 'down' });
    await router.stop?.(signal);
  });
});
