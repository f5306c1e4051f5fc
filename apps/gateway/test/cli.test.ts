import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { runIn, type Run } from './support/command-line.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';

const canary = 'c4n4ry-pa55word';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const run = (words: readonly string[], input = '', env: Record<string, string> = {}): Promise<Run> => runIn(folder, words, input, env);

describe('the command line', () => {
  it('helps, and tells its version', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const command of ['serve', 'check', 'explain', 'config', 'schema', 'hash', 'nginx', 'doctor', 'new', 'verify'])
      expect(help.out).toContain(command);
    expect(await run(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    expect((await run(['explain', '--help'])).out).toContain('--password-stdin');
    expect((await run(['new', '--help'])).out).toMatch(/credential.*router.*policy[\s\S]*--from[\s\S]*npm install/);
    expect((await run(['verify', '--help'])).out).toMatch(
      /--examples[\s\S]*resolve, import, apiVersion[\s\S]*an account that is there for tests/,
    );
    expect((await run(['doctor', '--help'])).out).toMatch(/--client-ip[\s\S]*made-up user under \.invalid[\s\S]*Examples:/);
    // A process of its own for `verify`, and nobody's command.
    expect(help.out).not.toContain('verify-probe');
  });

  it.each([['help'], ['help', 'check'], ['help', 'ring'], ['help', 'ring', 'diff'], ['help', 'migrate', 'next']])(
    'has help for: %s %s %s',
    async (...words) => {
      const about = words.slice(1);
      const { code, out, err } = await run(words);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(new RegExp(`^Usage: ${['postern', ...about].join(' ')} \\[options\\]`));
      expect(await run([...about, '--help'])).toMatchObject({ code: 0, out });
    },
  );

  it.each<[string, readonly string[], string]>([
    ['no command', [], 'Usage: postern'],
    ['an unknown command', ['chekc'], 'Did you mean check?'],
    ['the help of an unknown command', ['chekc', '--help'], 'Did you mean check?'],
    ['the help of an unknown command, asked of help', ['help', 'chekc'], 'Did you mean check?'],
    ['the help of an unknown command of a command', ['ring', 'dif', '-h'], 'Did you mean diff?'],
    ['the same, asked of help', ['help', 'ring', 'dif'], 'Did you mean diff?'],
    ['an unknown option', ['check', '--confg', 'x'], 'Did you mean --config?'],
    ['an option without its value', ['check', '-c'], 'argument missing'],
    ['a missing argument', ['explain'], "missing required argument 'user'"],
    ['one argument too many', ['check', 'postern.yaml'], 'too many arguments'],
    ['an unknown protocol', ['explain', 'bob', '--protocol', 'http'], 'imap, pop3, smtp'],
    ['a client that is no address', ['explain', 'bob', '--client-ip', 'example.org'], 'is no IP address'],
    ['an unknown scheme', ['hash', '--scheme', 'MD5'], 'ARGON2ID, BLF-CRYPT, SHA512-CRYPT, SSHA512'],
    ['a new plugin of no known role', ['new', 'door', 'mine'], 'credential, router, policy'],
    ['a new plugin without a name', ['new', 'router'], "missing required argument 'name'"],
    ['a known user without a password', ['verify', './a.mjs', '--known-user', 'ann'], '--password-stdin'],
    ['a password for nobody', ['verify', './a.mjs', '--password-stdin'], 'Say whose password it is'],
    ['examples that are not there', ['verify', './a.mjs', '--examples', 'missing.yaml'], 'missing.yaml cannot be read'],
    ['a config without such an entry', ['verify', './a.mjs', '-c', 'postern.yaml'], 'has no entry with use'],
    ['patience without end', ['verify', './a.mjs', '--patience', 'for ever'], 'is no duration'],
    ['half a certificate', ['nginx', '--certificate', 'a.crt'], '--certificate-key'],
  ])('%s ends with 2 and says what to do', async (_name, words, said) => {
    folder.write(smallConfig());
    const { code, out, err } = await run(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  it.each([['check'], ['config'], ['explain', 'bob'], ['nginx'], ['serve']])(
    '%s says that the config file is not there',
    async (...words) => {
      const { code, out, err } = await run(words);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('config-unreadable');
      expect(err).toContain(folder.file);
    },
  );
});

describe('check', () => {
  it('prints what a config comes to', async () => {
    folder.write(
      smallConfig({
        listen: ['127.0.0.1:9143', 'unix:/run/postern/auth.sock'],
        nginx: { key: { env: 'KEY' }, requireTls: true },
        identity: { defaultDomain: 'example.org', stripTag: '+' },
      }),
    );
    const { code, out } = await run(['check'], '', { KEY: 'open-sesame' });
    expect(code).toBe(0);
    expect(out).toContain('unix:/run/postern/auth.sock');
    expect(out).toMatch(
      /nginx {5}127\.0\.0\.1:9143 {2}\(with a key, answers within 5000ms, TLS required of clients; asked by 127\.0\.0\.0\/8, ::1\/128\)/,
    );
    expect(out).toContain('logins without @ get @example.org');
    expect(out).toMatch(/stores, in the order of asking\n└─ people {2}use static/);
    expect(out).toMatch(/routers, in the order of asking\n└─ domain {2}→ mail-a, mail-b/);
    expect(out).toMatch(/├─ mail-a {2}127\.0\.0\.1 {2}imap 10143, pop3 110, smtp 25/);
    expect(out).not.toContain('open-sesame');
  });

  it('says warnings and ends with 0', async () => {
    folder.write(smallConfig({ nginx: { key: canary } }));
    const { code, err, out } = await run(['check']);
    expect(code).toBe(0);
    expect(err).toContain('literal-secret');
    expect(err + out).not.toContain(canary);
  });

  it('tells all mistakes at once, each with code, place, path and hint', async () => {
    folder.write(
      [
        'listen: 127.0.0.1:9143',
        'nginx: { deadline: soon, kay: x }',
        'backends:',
        '  mail-a: { host: 10.0.0.11 }',
        '  mail-b: { host: 10.0.0.12 }',
        'plugins:',
        '  - use: static',
        '    with: { users: {}, alowWeak: [] }',
        '  - use: domain',
        '    with: { default: mail-c }',
        '  - use: nothing-of-that-name',
        '',
      ].join('\n'),
    );
    const { code, out, err } = await run(['check']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/postern\.yaml:2:\d+ +error +bad-value +nginx\.deadline/);
    expect(err).toMatch(/postern\.yaml:2:\d+ +error +unknown-key +nginx\.kay/);
    expect(err).toMatch(/postern\.yaml:8:\d+ +error +unknown-key +plugins\[0\]\.with\.alowWeak/);
    expect(err).toMatch(/postern\.yaml:10:\d+ +error +backend-unknown +plugins\[1\]\.with\.default/);
    expect(err).toMatch(/postern\.yaml:11:\d+ +error +plugin-unresolvable +plugins\[2\]\.use/);
    expect(err).toMatch(/^ {4}→ /m);
    expect(err).toMatch(/\d+ errors, \d+ warnings?\n$/);
  });

  it('gives the same as data', async () => {
    folder.write(smallConfig({ listn: 1 }));
    const { code, out, err } = await run(['check', '--json']);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    const problems = (JSON.parse(out) as { problems: { code: string; severity: string; path: string }[] }).problems;
    expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([{ code: 'unknown-key', path: 'listn' }]);
  });

  it('loads a plugin by path, relative to the config', async () => {
    folder.add(
      'mine.mjs',
      `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
       const store = { abilities: { mechanisms: ['plain'], knowsUsers: false }, verify: async () => ({ kind: 'rejected' }) };
       export const plugin = {
         apiVersion: 1, role: 'credential-store', use: 'mine', config: z.strictObject({ door: z.string() }), create: () => store,
       };`,
    );
    const domain = { use: 'domain', with: { routes: { 'a.b': 'mail-a' }, default: 'mail-b' } };
    folder.write(smallConfig({ plugins: [{ use: './mine.mjs', as: 'mine', with: { door: 'open' } }, domain] }));
    expect(await run(['check'])).toMatchObject({
      err: expect.stringMatching(/0 errors/),
      code: 0,
      out: expect.stringMatching(/└─ mine {2}use \.\/mine\.mjs/),
    });
    folder.write(smallConfig({ plugins: [{ use: './mine.mjs', as: 'mine', with: { dor: 'open' } }, domain] }));
    expect((await run(['check'])).err).toContain('plugins[0].with.dor');
    folder.write(smallConfig({ plugins: [{ use: './missing.mjs' }, domain] }));
    expect((await run(['check'])).err).toContain('plugin-unresolvable');
  });
});

describe('explain', () => {
  it('follows one login to its backend and ends with 0', async () => {
    folder.write(smallConfig());
    const { code, out } = await run(['explain', 'Anna@Example.org', '--password-stdin'], 'sesame\n');
    expect(code).toBe(0);
    expect(out).toContain('anna@example.org');
    expect(out).toContain('people');
    expect(out).toContain('mail-a');
    expect(out).toContain('Auth-Status: OK');
    expect(out).not.toContain('sesame');
  });

  it('needs no password to say where somebody lives', async () => {
    folder.write(smallConfig());
    const { code, out } = await run(['explain', 'ben@example.net', '--protocol', 'pop3', '--client-ip', '2001:db8::7']);
    expect(code).toBe(0);
    expect(out).toContain('mail-b');
  });

  it('ends with 1 when the answer is no, and shows what the client would read', async () => {
    folder.write(smallConfig());
    const { code, out } = await run(['explain', 'anna@example.org', '--password-stdin', '-p', 'smtp'], canary);
    expect(code).toBe(1);
    expect(out).toContain('535 5.7.8');
    expect(out).not.toContain(canary);
  });

  it('knows of clients without TLS', async () => {
    folder.write(smallConfig({ nginx: { requireTls: true } }));
    const { code, out } = await run(['explain', 'anna@example.org', '--no-tls', '--password-stdin'], 'sesame');
    expect(code).toBe(1);
    expect(out).toContain('[PRIVACYREQUIRED]');
  });

  it('speaks JSON', async () => {
    folder.write(smallConfig());
    const { code, out } = await run(['explain', 'anna@example.org', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ user: { raw: 'anna@example.org', canonical: 'anna@example.org' } });
  });
});

describe('config and schema', () => {
  it('prints the effective config without any secret', async () => {
    folder.write(smallConfig({ nginx: { key: [canary, { env: 'KEY' }] } }));
    for (const words of [['config'], ['config', '--redacted']]) {
      const { code, out } = await run(words, '', { KEY: `${canary}2` });
      expect(code).toBe(0);
      expect(out).not.toContain(canary);
      expect(parse(out)).toMatchObject({ nginx: { deadline: '5s', key: ['[secret]', { env: 'KEY' }] }, log: { level: 'info' } });
    }
    expect(JSON.parse((await run(['config', '--json'], '', { KEY: 'x' })).out)).toMatchObject({ listen: '127.0.0.1:0' });
  });

  it('prints the JSON Schema, made from the plugins’ own', async () => {
    const { code, out } = await run(['schema']);
    expect(code).toBe(0);
    const schema = JSON.parse(out) as { properties: Record<string, unknown> };
    for (const section of ['listen', 'nginx', 'backends', 'plugins']) expect(schema.properties).toHaveProperty(section);
    expect(out).toContain('whenDown');
  });

  it('prints no schema for a config that cannot be read; one that is wrong is no obstacle', async () => {
    expect(await run(['schema', '-c', 'nowhere.yaml'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('nowhere.yaml') });
    folder.write(smallConfig({ listen: 7 }));
    expect((await run(['schema', '-c', folder.file])).code).toBe(0);
  });
});

describe('hash', () => {
  it.each([
    [[], /^\{ARGON2ID\}\$argon2id\$\S+\n$/],
    [['--scheme', 'blf-crypt'], /^\{BLF-CRYPT\}\$2[aby]\$\S+\n$/],
    [['-s', '{ARGON2ID}'], /^\{ARGON2ID\}/],
    [['-s', 'sha512-crypt'], /^\{SHA512-CRYPT\}\$6\$\S+\n$/],
    [['-s', 'SSHA512'], /^\{SSHA512\}[A-Za-z0-9+/=]+\n$/],
  ])('hashes what is piped in %j', async (options, pattern) => {
    const { code, out, err } = await run(['hash', ...options], 'sesame\n');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(pattern);
  });

  it('gives a hash that `static` takes', async () => {
    const { out } = await run(['hash'], 'p%C3 +&"\\ü\n');
    const users = { 'anna@example.org': out.trim() };
    folder.write(
      smallConfig({
        plugins: [
          { use: 'static', with: { users } },
          { use: 'hash', with: { over: ['mail-a', 'mail-b'] } },
        ],
      }),
    );
    expect((await run(['explain', 'anna@example.org', '--password-stdin'], 'p%C3 +&"\\ü')).code).toBe(0);
    expect((await run(['explain', 'anna@example.org', '--password-stdin'], 'p%C3 +&"\\u')).code).toBe(1);
  });

  it('refuses no password, and what bcrypt would cut short', async () => {
    expect(await run(['hash'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no password came in') });
    expect(await run(['hash', '-s', 'BLF-CRYPT'], 'x'.repeat(73))).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('72 bytes'),
    });
  });
});

describe('nginx', () => {
  it('prints the block for this config, and the key only when asked', async () => {
    folder.write(
      smallConfig({
        listen: 'unix:/run/postern/auth.sock',
        nginx: { key: { env: 'KEY' }, deadline: '3s', none: { domains: ['example.org'] } },
      }),
    );
    const hidden = await run(['nginx'], '', { KEY: canary });
    expect(hidden.code).toBe(0);
    expect(hidden.out).toContain('auth_http          unix:/run/postern/auth.sock:/;');
    expect(hidden.out).toContain('auth_http_timeout  5s;');
    expect(hidden.out).toContain('smtp_auth none;');
    expect(hidden.out).not.toContain(canary);
    expect((await run(['nginx', '--reveal-key'], '', { KEY: canary })).out).toContain(`X-Auth-Key "${canary}";`);
  });

  it('takes certificates and a name', async () => {
    folder.write(smallConfig());
    const { out } = await run(['nginx', '--certificate', '/a.crt', '--certificate-key', '/a.key', '--server-name', 'mx.example.net']);
    expect(out).toMatch(/^ {4}listen 993 ssl;|^ {8}listen 993 ssl;/m);
    expect(out).toContain('server_name        mx.example.net;');
    expect((await run(['nginx', '--server-name', 'a; evil'])).code).toBe(2);
  });
});
