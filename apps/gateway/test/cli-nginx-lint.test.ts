import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithServers, requireProgram } from '@postern/testkit';
import fc from 'fast-check';
import { nginxBlock, type NginxFacts } from '../src/cli/nginx-block.js';
import { lintNginx } from '../src/cli/nginx-lint/lint-nginx.js';
import { readNginxConfig } from '../src/cli/nginx-lint/nginx-files.js';
import { NginxSyntaxError, sentences } from '../src/cli/nginx-lint/nginx-syntax.js';
import { timeOf } from '../src/cli/nginx-lint/nginx-time.js';
import type { PosternFacts } from '../src/cli/nginx-lint/postern-facts.js';
import { runCli } from '../src/cli/run-cli.js';
import { read, repository } from './docs/repository.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import { TestIo } from './support/test-io.js';

const secret = 'canary-key';

const facts: PosternFacts = {
  doors: [{ kind: 'tcp', host: '127.0.0.1', port: 9143 }],
  proxyDoors: [],
  proxyTls: false,
  keys: [secret, 'canary-older'],
  deadlineMs: 5000,
  requireTls: false,
  recipients: false,
  certificates: 'off',
  trustsProxies: false,
};

const common = `
  server_name mail.example.org;
  auth_http http://127.0.0.1:9143/;
  auth_http_header X-Auth-Key "${secret}";
  proxy_pass_error_message on;
  ssl_certificate a; ssl_certificate_key b;`;

const mail = (server: string, outer = common): string => `events {}\nmail {${outer}\nserver {\n${server}\n}\n}\n`;

const rules = (text: string, changed: Partial<PosternFacts> = {}): readonly string[] =>
  lintNginx('nginx.conf', readNginxConfig('nginx.conf', text), { ...facts, ...changed }).findings.map(
    ({ level, rule, line }) => `${level} ${rule} ${line}`,
  );

const imap = 'listen 993 ssl; protocol imap;';
const smtp = 'listen 465 ssl; protocol smtp;';

describe('linting a mail server of nginx', () => {
  it('says nothing of one that fits', () => {
    expect(rules(mail(imap))).toEqual([]);
    expect(rules(mail(smtp))).toEqual([]);
    expect(rules(mail(imap.replace('protocol imap;', '')))).toEqual([]);
  });

  const at = (line: string, text: string): string => mail(`${imap}\n${text}`, common.replace(line, ''));
  const authHttp = 'auth_http http://127.0.0.1:9143/;';
  const key = `auth_http_header X-Auth-Key "${secret}";`;

  it.each<[string, string, Partial<PosternFacts>, readonly string[]]>([
    ['no mail block', 'events {}', {}, ['error no-mail 1']],
    ['a mail block without servers', 'events {}\nmail {}', {}, ['error no-servers 2']],
    ['no auth_http', at(authHttp, ''), {}, ['error auth-http-missing 8']],
    ['another port', at(authHttp, 'auth_http 127.0.0.1:9000/;'), {}, ['error auth-http-door 10']],
    ['another address', at(authHttp, 'auth_http 192.0.2.1:9143;'), {}, ['error auth-http-door 10']],
    ['port 80 without saying so', at(authHttp, 'auth_http 127.0.0.1;'), {}, ['error auth-http-door 10']],
    ['https', at(authHttp, 'auth_http https://127.0.0.1:9143/;'), {}, ['error auth-http-tls 10']],
    ['a scheme in capitals', at(authHttp, 'auth_http HTTP://127.0.0.1:9143/;'), {}, ['error auth-http-scheme 10']],
    ['a name that nobody can check', at(authHttp, 'auth_http gw.example.org:9143;'), {}, ['warning auth-http-name 10']],
    ['localhost', at(authHttp, 'auth_http localhost:9143/a?b=c;'), {}, ['warning auth-http-localhost 10']],
    ['a socket that is no door', at(authHttp, 'auth_http unix:/run/a.sock:/;'), {}, ['error auth-http-door 10']],
    [
      'the proxy door',
      at(authHttp, 'auth_http 10.0.0.1:9443;'),
      { proxyDoors: [{ kind: 'tcp', host: '10.0.0.1', port: 9443 }] },
      ['warning auth-http-proxy-door 10'],
    ],
    [
      'the proxy door with TLS',
      at(authHttp, 'auth_http 10.0.0.1:9443;'),
      { proxyDoors: [{ kind: 'tcp', host: '0.0.0.0', port: 9443 }], proxyTls: true },
      ['error auth-http-tls 10'],
    ],
    ['too little patience', mail(`${imap}\nauth_http_timeout 5s;`), {}, ['error auth-http-timeout 10']],
    ["nginx's own patience, too little", mail(imap), { deadlineMs: 60_000 }, ['error auth-http-timeout 8']],
    ['no key', at(key, ''), {}, ['error key-missing 8']],
    ['another key', at(key, 'auth_http_header x-auth-key other;'), {}, ['error key-wrong 10']],
    ['a key in a variable', at(key, 'auth_http_header X-Auth-Key $key;'), {}, ['error key-wrong 10']],
    ['the key lost to a header of the server', mail(`${imap}\nauth_http_header X-Listener a;`), {}, ['error key-lost 10']],
    ['a key that nobody looks at', mail(imap), { keys: undefined }, ['warning key-unused 5']],
    ['a header that nginx sends itself', mail(`${imap}\n${key}\nauth_http_header Client-IP a;`), {}, ['error header-doubled 11']],
    ['CRAM-MD5', mail(`${imap}\nimap_auth plain cram-md5;`), {}, ['warning method-digest 10']],
    ['external for nobody', mail(`${imap}\nimap_auth external;ssl_verify_client on;`), {}, ['error external-unmapped 10']],
    ['external without certificates', mail(`${imap}\nimap_auth external;`), { certificates: 'subject' }, ['error external-unverified 10']],
    [
      'certificates not passed on',
      mail(`${imap}\nimap_auth external;ssl_verify_client on;`),
      { certificates: 'pem' },
      ['error certificate-not-passed 10'],
    ],
    ['none that is always denied', mail('listen 25; protocol smtp;\nsmtp_auth none;'), {}, ['warning none-denied 10']],
    ['none at submission', mail(`${smtp}\nsmtp_auth none plain;`), { recipients: true }, ['warning none-at-submission 10']],
    ['nobody tells the mail server who', mail(`${smtp}\nxclient off;`), {}, ['warning smtp-no-identity 10']],
    ['names of clients', mail(`${smtp}\nresolver 127.0.0.1;`), {}, ['warning resolver-names 10']],
    ['no TLS', mail('listen 143; protocol imap;'), {}, ['warning tls-missing 9']],
    ['no TLS where it is required', mail('listen 143; protocol imap;\nstarttls off;'), { requireTls: true }, ['error tls-required 10']],
    ['TLS without a certificate', mail('listen 143; starttls on;', common.replace(/ssl.*/, '')), {}, ['error tls-certificate 9']],
    ['words of mail servers lost', mail(`${imap}\nproxy_pass_error_message off;`), {}, ['warning backend-words 10']],
    ['an unbelieved load balancer', mail('listen 993 ssl proxy_protocol;'), {}, ['warning real-ip-missing 9']],
    ['a load balancer that says nothing', mail(`${imap}\nset_real_ip_from 10.0.0.1;`), {}, ['warning real-ip-unused 10']],
    ['an unknown protocol', mail('listen 993 ssl; protocol nntp;'), {}, ['error protocol-unknown 9']],
    ['a port without a protocol', mail('listen 2993 ssl;'), {}, ['error protocol-unknown 8']],
    ['no name', mail(imap, common.replace(/server_name.*/, '')), {}, ['warning server-name-missing 8']],
    ['little time for a login', mail(`${imap}\ntimeout 3s;`), {}, ['warning timeout-short 10']],
    ['IDLE cut off', mail(`${imap}\nproxy_timeout 5m;`), {}, ['warning idle-cut 10']],
    ['a debug log', `error_log a debug;\n${mail(`${imap}\nerror_log b debug;`)}`, {}, ['error log-debug 1', 'error log-debug 11']],
    ['few connections', mail(imap).replace('{}', '{ worker_connections 64; }'), {}, ['warning connections-few 1']],
  ])('finds %s', (_name, text, changed, found) => {
    expect(rules(text, changed)).toEqual(found);
  });

  it.each<[string, string, Partial<PosternFacts>]>([
    ['an address of IPv6 in another spelling', 'auth_http [0:0::1]:9143/x;', { doors: [{ kind: 'tcp', host: '::1', port: 9143 }] }],
    ['a socket with a path behind it', 'auth_http unix:/run/p.sock:/auth?x=1;', { doors: [{ kind: 'unix', path: '/run/p.sock' }] }],
    ['any address of a door that listens on all', 'auth_http 10.1.2.3:9143;', { doors: [{ kind: 'tcp', host: '0.0.0.0', port: 9143 }] }],
    [
      'localhost where IPv6 listens, too',
      'auth_http localhost:9143;',
      { doors: [...facts.doors, { kind: 'tcp', host: '::1', port: 9143 }] },
    ],
    ['a server of http{} that carries the question on', 'auth_http 127.0.0.1:9999;', {}],
  ])('takes %s for a door', (_name, said, changed) => {
    const text = at(authHttp, said).replace('events {}', 'events {} http { server { listen 127.0.0.1:9999; } }');
    expect(rules(text, changed)).toEqual([]);
  });

  it('takes an older key, and addresses that postern believes itself', () => {
    expect(rules(at(key, 'auth_http_header X-Auth-Key canary-older;'))).toEqual([]);
    expect(rules(mail('listen 993 ssl proxy_protocol;'), { trustsProxies: true })).toEqual([]);
    expect(rules(mail('listen 993 ssl proxy_protocol; set_real_ip_from 10.0.0.1;'))).toEqual([]);
  });

  it('says once what all servers inherit', () => {
    const two = mail(`${imap}\n}\nserver {\n${smtp}`, `${common}\nauth_http_timeout 1s;`);
    expect(rules(two)).toEqual(['error auth-http-timeout 8']);
  });
});

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

describe('the syntax of nginx', () => {
  const read = (text: string): readonly unknown[] => [...sentences(text)].map(({ words, end, line }) => [words, end, line]);

  it('knows comments, quotation marks, escapes, variables and line numbers', () => {
    expect(read('a b; # no; }\nc "d;{ #" \'e"\';\n\nf {\n}')).toEqual([
      [['a', 'b'], ';', 1],
      [['c', 'd;{ #', 'e"'], ';', 2],
      [['f'], '{', 4],
      [[], '}', 5],
    ]);
    expect(read('a ${b}c$d#e x"y"z }f;'.replace(' }f', ''))).toEqual([[['a', '${b}c$d#e', 'x"y"z'], ';', 1]]);
    expect(read('a "x\\"y\\\\z\\d\\t" b\\ c "two\nlines" d;\ne;')).toEqual([
      [['a', 'x"y\\z\\d\t', 'b\\ c', 'two\nlines', 'd'], ';', 1],
      [['e'], ';', 3],
    ]);
    expect(read('a\r\nb\t"";')).toEqual([[['a', 'b', ''], ';', 1]]);
  });

  it.each<[string, string, number]>([
    ['a directive that never ends', 'a b;\nc d', 2],
    ['a quotation mark that is never closed', 'a\nb "c;\n', 2],
    ['text behind a quotation mark', 'a "b"c;', 1],
    ['a lone ;', 'a;\n;', 2],
    ['a lone {', '{', 1],
    ['a } within a directive', 'a }', 1],
  ])('refuses %s, with the line', (_name, text, line) => {
    expect(() => read(text)).toThrow(NginxSyntaxError);
    expect(() => read(text)).toThrow(expect.objectContaining({ line }));
  });

  it('gives words back that were quoted, whatever they are', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', ';', '{', '}', '#', '$', '\n', 'é') });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const text = `x ${words.map((each) => `"${each.replace(/["\\]/g, '\\$&')}"`).join(' ')};`;
        expect(read(text)).toEqual([[['x', ...words], ';', 1]]);
      }),
    );
  });

  it('never fails otherwise than by saying what is wrong, and quotes nothing', () => {
    const soup = fc.string({
      unit: fc.constantFrom('mail ', 'server ', '{', '}', ';', '"', "'", '\\', '#', '\n', '$', 'auth_http ', 'canary', ' ', '\u0001', '🙂'),
    });
    fc.assert(
      fc.property(soup, (text) => {
        try {
          lintNginx('f', readNginxConfig('f', text), facts);
        } catch (error) {
          expect((error as Error).name).toBe('NginxFileError');
          expect((error as Error).message).not.toContain('canary');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('knows times', () => {
    expect(['7s', '60', '1m30s', '500ms', '1h', '', 'x', '-1'].map(timeOf)).toEqual([
      7000,
      60_000,
      90_000,
      500,
      3_600_000,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the page about the lint', () => {
  it('lists every rule, and none that is not there', () => {
    const folder = join(repository, 'apps/gateway/src/cli/nginx-lint');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const source = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    const known = [...source.matchAll(/finding\(\s*(?:'(?:error|warning)'|wrong\.level),\s*(.*?),|rule: '([a-z0-9-]+)'/gs)].flatMap(
      ([, said = '', rule]) => (rule === undefined ? [...said.matchAll(/'([a-z0-9-]+)'/g)].map(([, name]) => name) : [rule]),
    );
    const told = [...read('docs/nginx-lint.md').matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name),
    );
    expect([...new Set(told)].sort()).toEqual([...new Set(known)].sort());
    expect(told.length).toBeGreaterThan(30);
  });
});

describe('the output of nginx -T', () => {
  const dump = (files: Readonly<Record<string, string>>): string =>
    Object.entries(files)
      .map(([file, text]) => `# configuration file ${file}:\n${text}\n`)
      .join('\n');
  const found = (text: string): readonly string[] =>
    lintNginx('T', readNginxConfig('T', text), facts).findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`);

  it('puts included files in their places and gives file and line', () => {
    const text = dump({
      '/etc/nginx/nginx.conf': `events {}\nmail {${common}\ninclude mail.d/*.conf;\n}`,
      '/etc/nginx/mail.d/b.conf': `server {\n${imap}\ninclude /etc/nginx/[a-c]lse?;\n}`,
      '/etc/nginx/mail.d/a/no.conf': 'server { listen 1; }',
      '/etc/nginx/else1': '\nproxy_timeout 1m;',
      '/etc/nginx/other.conf': 'server { listen 1; }',
    });
    expect(found(text)).toEqual([]);
    expect(found(text.replaceAll('else1', 'blse1'))).toEqual(['/etc/nginx/blse1:2 idle-cut']);
    expect(
      found(
        `nginx: the configuration file x syntax is ok\n${text.replaceAll('else1', 'blse1')}nginx: configuration file x test is successful\n`,
      ),
    ).toHaveLength(1);
  });

  it('ends with files that include each other', () => {
    expect(found(dump({ '/a': 'include /a;\ninclude /b;', '/b': 'include /a;\nmail {}' }))).toEqual(['/b:2 no-servers']);
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`/f${index}`, `include /f${index + 1};include /f${index + 1};`]),
    );
    expect(() => found(dump({ ...many, '/f30': 'a;' }))).toThrow('too often');
  });

  it('is asked for where a plain file includes others', () => {
    expect(found('mail { include mail.d/*; }')).toEqual(['T:1 no-servers', 'T:1 include-unseen']);
  });
});

describe('postern nginx --lint', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder().write(smallConfig({ listen: '127.0.0.1:9143', nginx: { key: { env: 'KEY' } } }));
  });
  afterEach(() => folder.remove());

  const run = async (words: readonly string[], input: string | Buffer = ''): Promise<{ code: number; out: string; err: string }> => {
    const io = new TestIo(folder.path).typed(input);
    io.env['KEY'] = secret;
    const code = await runCli(['nginx', ...words], io);
    return { code, out: io.stdout.text, err: io.stderr.text };
  };

  it('ends with 0 for what it printed itself, and with warnings alone', async () => {
    const { out: block } = await run(['--reveal-key', '--certificate', 'a', '--certificate-key', 'b']);
    expect(await run(['--lint', '-'], `events {}\n${block}`)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^6 mail servers against .*: nothing to say\n$/),
    });
    const { out: plain } = await run(['--reveal-key']);
    expect(await run(['--lint', '-'], plain)).toMatchObject({ code: 0, out: expect.stringMatching(/0 errors, 3 warnings\n$/) });
  });

  it('ends with 1 when there are errors, each with place, rule and what to write, and shows no key', async () => {
    const wrong = mail(`${imap}\nauth_http_header X-Auth-Key ${secret}x;\nauth_http_header X-Other hidden-value;`);
    const { code, out } = await run(['--lint', folder.add('nginx.conf', wrong)]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /nginx\.conf:10 {2}error {2}auth_http_header {2}\(key-wrong\)\n {4}.*\n {4}→ Write auth_http_header X-Auth-Key "…";/,
    );
    expect(out).toMatch(/1 mail server against .*postern\.yaml: 1 error, 0 warnings\n$/);
    const json = await run(['--lint', 'nginx.conf', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      servers: 1,
      findings: [{ level: 'error', rule: 'key-wrong', line: 10, directive: 'auth_http_header' }],
    });
    for (const text of [out, json.out]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain('hidden-value');
    }
  });

  it.each<[string, readonly string[], string | Buffer, string]>([
    ['a file that is not there', ['--lint', 'missing'], '', 'missing cannot be read (ENOENT)'],
    ['a folder', ['--lint', '.'], '', 'cannot be read (EISDIR)'],
    [
      'a block without end',
      ['--lint', '-'],
      'events {}\nmail {\nserver {',
      'stdin:3 cannot be read as an nginx config: a block that begins here is never closed',
    ],
    ['a } too many', ['--lint', '-'], 'events {}\n}', 'stdin:2 cannot be read'],
    ['a NUL', ['--lint', '-'], 'a;\nb\u0000;', 'stdin:2 holds a NUL byte'],
    ['what is far too long', ['--lint', '-'], Buffer.alloc(50_000_000, '{'), 'this is longer than 16 MiB'],
    ['blocks within blocks', ['--lint', '-'], 'a {'.repeat(100_000), 'blocks are nested deeper than 100'],
    ['a wish for a block as well', ['--lint', '-', '--reveal-key'], '', '--lint prints no block'],
    ['JSON of a block', ['--json'], '', '--json is for --lint'],
    ['a config that is wrong', ['--lint', '-', '-c', 'none.yaml'], 'mail {}', 'config-unreadable'],
  ])('ends with 2 on %s', async (_name, words, input, said) => {
    const { code, out, err } = await run(words, input);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err).not.toContain('bug in postern');
  });

  it('shows nothing of a file that could paint over a terminal', async () => {
    const { out } = await run(['--lint', '-'], mail(`${imap}\nauth_http "127.0.0.1\u001b[31m:1/";`));
    expect(out).toContain('\\u{1b}[31m');
    expect(out).not.toContain('\u001b');
  });
});

describeWithServers({ describe, it }, 'the lint of what a real nginx prints', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => folder.remove());

  it('reads nginx -T with includes, and says what it says of the files', () => {
    mkdirSync(join(folder.path, 'mail.d'));
    const main = folder.add(
      'nginx.conf',
      `load_module /usr/lib/nginx/modules/ngx_mail_module.so;\npid ${folder.path}/pid;\nerror_log ${folder.path}/error.log;\n` +
        `events {}\nhttp { log_format x '{"a": "$uri;"}'; map $uri $x { "~^/(?<y>[a-z]{2,3})/" "b;}"; } }\nmail {\n` +
        `auth_http http://127.0.0.1:9143/;\nauth_http_header X-Auth-Key "${secret}";\nserver_name m.example;\nproxy_pass_error_message on;\ninclude mail.d/*.conf;\n}\n`,
    );
    writeFileSync(join(folder.path, 'mail.d/a.conf'), 'server {\n  listen 127.0.0.1:20143;\n  protocol imap;\n  proxy_timeout 1m;\n}\n');
    const run = spawnSync(requireProgram('nginx'), ['-T', '-c', main, '-p', folder.path, '-e', join(folder.path, 'early.log')]);
    expect(run.stderr.toString()).toContain('test is successful');
    const text = run.stdout.toString();
    const { servers, findings } = lintNginx('T', readNginxConfig('T', text), facts);
    expect(servers).toBe(1);
    expect(findings.map(({ file, line, rule }) => [file, line, rule])).toEqual([
      [join(folder.path, 'mail.d/a.conf'), 2, 'tls-missing'],
      [join(folder.path, 'mail.d/a.conf'), 4, 'idle-cut'],
    ]);
  });
});
