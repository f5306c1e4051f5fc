import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Home } from '@postern/kernel';
import { changeOf } from '../src/cli/ring/change.js';
import { Progress } from '../src/cli/ring/progress.js';
import type { Findings } from '../src/cli/ring/tally.js';
import { CapturedOutput } from './support/captured-output.js';
import { runIn, type Run } from './support/command-line.js';
import { ConfigFolder } from './support/config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const run = (words: readonly string[], input: string | Buffer = ''): Promise<Run> => runIn(folder, words, input);

type Config = Readonly<Record<string, unknown>>;

const people = (...names: string[]): Config => ({
  use: 'static',
  with: { users: Object.fromEntries(names.map((name) => [name, '{PLAIN}canary-pass'])) },
});
const hash = (...over: string[]): Config => ({ use: 'hash', with: { over } });
const backends = { a: { host: '10.0.0.1' }, b: { host: '10.0.0.2' }, c: { host: '10.0.0.3' } };

const config = (plugins: readonly Config[], changed: Config = {}): Config => ({
  operator: { listen: '127.0.0.1:0' },
  backends: { a: backends.a, b: backends.b },
  plugins,
  ...changed,
});

const both = (before: Config, after: Config): void => {
  folder.write(before);
  folder.add('new.yaml', JSON.stringify(after));
};

const diff = async (words: readonly string[] = [], input: string | Buffer = ''): Promise<Run & { found: Findings }> => {
  const result = await run(['ring', 'diff', 'new.yaml', '--json', ...words], input);
  return { ...result, found: JSON.parse(result.out) as Findings };
};

const logins = (count: number): string => Array.from({ length: count }, (_, index) => `user-${index}@example.org`).join('\n');

describe('ring', () => {
  it('alone shows its help', async () => {
    const { code, err } = await run(['ring']);
    expect(code).toBe(2);
    expect(err).toMatch(/Usage: postern ring[\s\S]*diff \[options\] <new>/);
    expect((await run(['ring', 'diff', '--help'])).out).toMatch(/--users[\s\S]*Ends with 0 when nobody moves[\s\S]*doveadm user/);
  });

  it('diff tells the mistakes of both configs together, each with its file', async () => {
    both(config([people('anna@example.org'), hash('a', 'x')]), { nonsense: 1 });
    const { code, out, err } = await run(['ring', 'diff', 'new.yaml']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/postern\.yaml:\d+:\d+ +error +backend-unknown/);
    expect(err).toMatch(/new\.yaml:\d+:\d+ +error +unknown-key/);
    expect((await run(['ring', 'diff', 'missing.yaml'])).err).toContain('missing.yaml');
  });

  it.each<[string, readonly string[], string]>([
    ['a list that is not there', ['--users', 'missing'], 'missing cannot be read (ENOENT)'],
    ['a list that is a folder', ['--users', '.'], 'cannot be read (EISDIR)'],
    ['an empty list', ['--users', '-'], 'there is nobody to compare'],
    ['a client that is no address', ['--client-ip', 'x'], 'is no IP address'],
  ])('diff ends with 2 on %s', async (_name, words, said) => {
    both(config([people('anna@example.org'), hash('a', 'b')]), config([people('anna@example.org'), hash('a', 'b')]));
    const { code, out, err } = await run(['ring', 'diff', 'new.yaml', ...words]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });
});

describe('ring diff on a list of users', () => {
  it('ends with 0 when nobody moves', async () => {
    both(config([people('anna@example.org'), hash('a', 'b')]), config([people('anna@example.org'), hash('b', 'a')]));
    const { code, out } = await run(['ring', 'diff', 'new.yaml', '--users', '-'], logins(100));
    expect(out).toContain('nobody moves');
    expect(out).toMatch(/^stay +100 +100\.0 %$/m);
    expect(code).toBe(0);
  });

  it('shows who goes to a new backend of the hash, and nobody goes between the old ones', async () => {
    const more = { backends };
    both(config([people('anna@example.org'), hash('a', 'b')]), config([people('anna@example.org'), hash('a', 'b', 'c')], more));
    const { code, found } = await diff(['--users', '-'], logins(900));
    expect(code).toBe(1);
    expect(found.ways.map(({ kind, from, to }) => [kind, from, to]).sort()).toEqual([
      ['moves', 'a', 'c'],
      ['moves', 'b', 'c'],
    ]);
    expect(found.totals).toMatchObject({ compared: 900, cannotTell: 0, nowNowhere: 0 });
    expect(found.totals.move).toBe(found.movers.length);
    expect(found.totals.move + found.totals.stay).toBe(900);
    expect(found.totals.move).toBeGreaterThan(200);
    expect(found.known.before['unknown-user']).toBe(900);
    const [first] = found.movers;
    expect(first).toMatchObject({ user: `user-${(first?.line ?? 0) - 1}@example.org`, to: 'c' });
  });

  it('shows the first 20 of them, and everybody with --all', async () => {
    both(
      config([people('a@example.org'), hash('a')], { backends: { a: backends.a } }),
      config([people('a@example.org'), hash('b')], { backends: { b: backends.b } }),
    );
    writeFileSync(join(folder.path, 'list'), logins(50));
    const short = await run(['ring', 'diff', 'new.yaml', '--users', 'list']);
    expect(short.out).toContain('who moves, the first 20 of 50 (--all: everybody)');
    expect(short.out.match(/a → b/g)).toHaveLength(20);
    expect(short.out).toMatch(/^a {5}b {6}50 {2}100\.0 %$/m);
    expect(short.out).toContain('No store knows some of them (50 now, 50 new)');
    const all = await run(['ring', 'diff', 'new.yaml', '--users', 'list', '--all']);
    expect(all.out.match(/a → b/g)).toHaveLength(50);
  });

  it('takes a new name of the same mail server for no move, and a new host or port of the same name for one', async () => {
    const of = (named: Config): Config => config([people('a@example.org'), hash(...Object.keys(named))], { backends: named });
    both(of({ a: { host: 'Mail.example.org.' } }), of({ renamed: { host: 'mail.example.org' } }));
    expect((await diff(['--users', '-'], logins(5))).found.totals).toMatchObject({ stay: 5, move: 0 });
    both(of({ a: { host: '10.0.0.1' } }), of({ a: { host: '10.0.0.9' } }));
    expect((await diff(['--users', '-'], logins(5))).found.ways).toMatchObject([
      { from: 'a (10.0.0.1)', to: 'a (10.0.0.9)', users: 5, share: 1 },
    ]);
    both(of({ a: { host: '10.0.0.1' } }), of({ a: { host: '10.0.0.1', imap: 1143 } }));
    expect((await diff(['--users', '-'], logins(5))).found.ways).toMatchObject([
      { from: 'a (imap 143, pop3 110, smtp 25)', to: 'a (imap 1143, pop3 110, smtp 25)' },
    ]);
  });

  it('shows what weights and states do: drained moves, down leaves nobody a place', async () => {
    const of = (a: Config): Config =>
      config([people('x@example.org'), hash('a', 'b')], { backends: { a: { ...backends.a, ...a }, b: backends.b } });
    both(of({}), of({ weight: 100 }));
    const heavier = await diff(['--users', '-'], logins(200));
    expect(heavier.found.ways).toMatchObject([{ kind: 'moves', from: 'b', to: 'a' }]);
    both(of({}), of({ state: 'drain' }));
    expect((await diff(['--users', '-'], logins(200))).found.ways).toMatchObject([{ kind: 'moves', from: 'a', to: 'b' }]);
    both(of({}), of({ state: 'down' }));
    const down = await diff(['--users', '-'], logins(200));
    expect(down.found.ways).toMatchObject([{ kind: 'now-nowhere', from: 'a', to: 'a, down' }]);
    expect(down.code).toBe(1);
    both(of({ state: 'down' }), of({ state: 'up' }));
    expect((await diff(['--users', '-'], logins(200))).found.totals).toMatchObject({ stay: 200, move: 0 });
  });

  it('shows who loses the last place, and who gets a first one', async () => {
    const routes = (map: Config): Config => config([people('x@example.org'), { use: 'domain', with: { routes: map } }]);
    both(routes({ 'a.example': 'a', 'b.example': 'b' }), routes({ 'b.example': 'b', 'c.example': 'a' }));
    const { code, found } = await diff(['--users', '-'], 'x@a.example\ny@b.example\nz@c.example\nw@d.example\n');
    expect(found.totals).toMatchObject({ nowNowhere: 1, stay: 1, newlyPlaced: 1, stillNowhere: 1 });
    expect(found.movers).toMatchObject([{ user: 'x@a.example', line: 1, from: 'a', to: 'nowhere' }]);
    expect(code).toBe(1);
  });

  it('says who is known by another name, though the mail server is the same', async () => {
    const users = [people('x@example.org'), { use: 'domain', with: { default: 'a' } }];
    const one = { backends: { a: backends.a } };
    both(config(users, one), config(users, { ...one, identity: { stripTag: '+', domainAliases: { 'old.example': 'new.example' } } }));
    const { code, found } = await diff(['--users', '-'], 'Anna+x@example.org\nben@old.example\ncarl@example.org\n');
    expect(found.renamed).toMatchObject([
      { user: 'anna+x@example.org', userAfter: 'anna@example.org', line: 1 },
      { user: 'ben@old.example', userAfter: 'ben@new.example' },
    ]);
    expect(found.totals).toMatchObject({ stay: 3, renamed: 2 });
    expect(code).toBe(1);
    expect((await run(['ring', 'diff', 'new.yaml', '--users', '-'], 'ben@old.example')).out).toContain(
      'known by another name\n  line 1  ben@old.example',
    );
  });

  it('passes over blank lines and comments, and lists lines that hold no login by number, never by what they hold', async () => {
    both(config([people('x@example.org'), hash('a', 'b')]), config([people('x@example.org'), hash('a', 'b')]));
    const lines = [
      '\ufeffanna@example.org',
      '',
      '  # nobody',
      'x@@',
      'bob:{SSHA}canary',
      'c\u0000d',
      'é'.repeat(400),
      ' ben@example.org \r',
      '__proto__',
    ];
    const input = Buffer.concat([Buffer.from(lines.join('\n')), Buffer.from([0x0a, 0xff, 0xfe, 0x0a]), Buffer.from('y'.repeat(200_000))]);
    const { code, out, found } = await diff(['--users', '-'], input);
    expect(found.noLogins.map(({ line }) => line)).toEqual([4, 5, 6, 7, 10, 11]);
    expect(found.totals).toMatchObject({ compared: 3, stay: 3, noLogins: 6 });
    expect(out).not.toContain('canary');
    expect(code).toBe(1);
  });

  it('never takes silence of a store for staying', async () => {
    const broken = { use: 'sql', with: { url: 'sqlite:./none.db', query: 'select password from users where email = {user}' } };
    folder.add('none.db', '');
    both(config([broken, hash('a', 'b')]), config([people('x@example.org'), hash('a', 'b')]));
    const { code, found } = await diff(['--users', '-'], logins(3));
    expect(found.totals).toMatchObject({ cannotTell: 3, stay: 0 });
    expect(found.unclear[0]?.why).toMatch(/^the config in force: a store cannot tell/);
    expect(code).toBe(1);
  });

  it('gives routers the attributes that the stores tell', async () => {
    const store = (host: string): Config => ({
      use: 'static',
      with: {
        users: {
          'anna@example.org': { password: '{PLAIN}x', attributes: { host } },
          'ben@example.org': { password: '{PLAIN}x', attributes: { host: 'a' } },
        },
      },
    });
    const table = { use: 'table', with: { attribute: 'host' } };
    both(config([store('a'), table]), config([store('b'), table]));
    const { found } = await diff();
    expect(found.totals).toMatchObject({ compared: 2, move: 1, stay: 1 });
    expect(found.movers).toMatchObject([{ user: 'anna@example.org', from: 'a', to: 'b' }]);
  });

  it('compares many users, piece by piece', async () => {
    both(config([people('x@example.org'), hash('a', 'b')]), config([people('x@example.org'), hash('a', 'b', 'c')], { backends }));
    writeFileSync(join(folder.path, 'list'), logins(20_000));
    const { out } = await run(['ring', 'diff', 'new.yaml', '--users', 'list']);
    expect(out).toContain('20,000 logins over imap from 127.0.0.1, listed in list');
    expect(out).toMatch(/^move +6,\d{3} +33\.\d %$/m);
  }, 120_000);
});

describe('ring diff without a list', () => {
  it('compares everybody the configs name when no other store answers', async () => {
    folder.add('people.passwd', '# comment\ncarl@example.org:{PLAIN}canary-pass::::::\n');
    const file = { use: 'static', as: 'more', with: { file: 'people.passwd' } };
    const table = (to: string): Config => ({ use: 'table', with: { map: { 'anna@example.org': to, '*': 'a' } } });
    both(
      config([people('anna@example.org', 'ben@example.net'), file, table('a')], { backends: { a: backends.a } }),
      config([people('anna@example.org'), file, table('b')]),
    );
    const { out, found } = await diff();
    expect(found.totals).toMatchObject({ compared: 3, madeUp: 0, move: 1, stay: 2 });
    expect(found.movers).toMatchObject([{ user: 'anna@example.org', from: 'a', to: 'b' }]);
    expect(out).not.toContain('canary');
  });

  it('takes a sample where others may know more, calls it one, and asks no store about it', async () => {
    const sql = { use: 'sql', with: { url: 'sqlite:./none.db', query: 'select password from users where email = {user}' } };
    folder.add('none.db', '');
    const routes = { use: 'domain', with: { routes: { '*.example.net': 'a', 'example.org': 'b' } } };
    both(config([sql, routes, hash('a', 'b')]), config([sql, routes, hash('a', 'b', 'c')], { backends }));
    const { code, out } = await run(['ring', 'diff', 'new.yaml']);
    expect(code).toBe(1);
    expect(out).toContain(
      "10,000 of them a SAMPLE: made-up users in any.example.net, example.org, any-other-domain.invalid, nobody's mailbox.",
    );
    expect(out).toMatch(/^cannot tell +0 /m);
    expect(out).not.toContain('who moves');
    expect(out).not.toContain('user-');
  });
});

describe('what becomes of one user', () => {
  const backend = fc.record({
    name: fc.constantFrom('a', 'b'),
    host: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    ports: fc.record({ imap: fc.constantFrom(143, 1143), pop3: fc.constant(110), smtp: fc.constant(25) }),
  });
  const home: fc.Arbitrary<Home> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('at' as const, 'down' as const),
      user: fc.constant('u'),
      known: fc.constant('found' as const),
      backend,
    }),
    fc.record({ kind: fc.constant('homeless' as const), user: fc.constant('u'), known: fc.constant('found' as const) }),
    fc.record({ kind: fc.constant('unclear' as const), user: fc.constant('u'), why: fc.constant('w') }),
    fc.record({ kind: fc.constant('malformed' as const), why: fc.constant('w') }),
  );

  it('is staying only for the same mail server, told by both', () => {
    fc.assert(
      fc.property(home, home, (before, after) => {
        const { kind } = changeOf(before, after);
        const told = 'backend' in before && 'backend' in after ? [before.backend, after.backend] : undefined;
        const same = told !== undefined && told[0]?.host === told[1]?.host && told[0]?.ports.imap === told[1]?.ports.imap;
        if (kind === 'stays') expect(same && after.kind === 'at').toBe(true);
        if (before.kind === 'at' && after.kind === 'at') expect(kind).toBe(same ? 'stays' : 'moves');
        if (before.kind === 'unclear' || after.kind === 'unclear') expect(kind).toBe('unclear');
        if (before.kind === 'at' && after.kind !== 'at' && after.kind !== 'unclear') expect(kind).toBe('now-nowhere');
      }),
    );
  });
});

describe('the progress of a comparison', () => {
  it('shows on a terminal, after a second, and is taken away at the end', () => {
    const output = Object.assign(new CapturedOutput(), { isTTY: true });
    let now = 0;
    const progress = new Progress(output, () => now);
    progress.show(10);
    progress.clear();
    expect(output.text).toBe('');
    now = 1000;
    progress.show(12_345);
    progress.show(12_346);
    progress.clear();
    expect(output.text).toBe('\r12,345 users compared …\u001b[K\r\u001b[K');
    const file = new CapturedOutput();
    new Progress(file, () => (now += 5000)).show(1);
    expect(file.text).toBe('');
  });
});
