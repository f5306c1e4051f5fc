import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithServers, requireProgram } from '@postern/testkit';
import { lintNginx } from '../../src/cli/nginx-lint/lint-nginx.js';
import { readNginxConfig } from '../../src/cli/nginx-lint/nginx-files.js';
import { ConfigFolder } from '../support/config-folder.js';
import { common, facts, imap, secret } from './lint-fixtures.js';

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

  it('ends with a pattern of many stars', () => {
    const text = dump({ '/a': `include ${'*a'.repeat(30)}b;\ninclude ${'*a'.repeat(30)}*;\nmail {}`, [`/${'a'.repeat(200)}`]: 'mail {}' });
    expect(found(text)).toEqual([`/${'a'.repeat(200)}:1 no-servers`]);
  });

  it('is asked for where a plain file includes others', () => {
    expect(found('mail { include mail.d/*; }')).toEqual(['T:1 no-servers', 'T:1 include-unseen']);
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
