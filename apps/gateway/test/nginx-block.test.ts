import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, requireProgram } from '@postern/testkit';
import { authHttpTarget, authHttpTimeout, nginxBlock, shimTimeout, type NginxFacts } from '../src/cli/nginx-block.js';
import { httpShim } from '../src/cli/nginx-shim.js';
import { read } from './docs/repository.js';

const facts: NginxFacts = {
  doors: ['127.0.0.1:9143'],
  key: { kind: 'hidden' },
  deadlineMs: 5000,
  requireTls: false,
  recipients: false,
  certificates: 'off',
  proxy: undefined,
  files: undefined,
  serverName: 'mail.example.org',
};

const live = (block: string): string =>
  block
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '')
    .join('\n');

describe('the mail{} block', () => {
  it('points nginx to the first door', () => {
    expect(authHttpTarget('127.0.0.1:9143')).toBe('http://127.0.0.1:9143/');
    expect(authHttpTarget('[::1]:9143')).toBe('http://[::1]:9143/');
    expect(authHttpTarget('0.0.0.0:9143')).toBe('http://127.0.0.1:9143/');
    expect(authHttpTarget('[::]:9143')).toBe('http://[::1]:9143/');
    expect(authHttpTarget('unix:/run/postern/auth.sock')).toBe('unix:/run/postern/auth.sock:/');
    expect(nginxBlock({ ...facts, doors: ['127.0.0.1:9143', 'unix:/a.sock'] })).toContain('unix:/a.sock');
  });

  it('makes nginx more patient than the gateway', () => {
    expect(authHttpTimeout(5000)).toBe('7s');
    expect(authHttpTimeout(5001)).toBe('8s');
    expect(authHttpTimeout(500)).toBe('3s');
  });

  it('asks for the key, and quotes a revealed one', () => {
    expect(live(nginxBlock(facts))).toContain('auth_http_header   X-Auth-Key "PUT-THE-KEY-HERE";');
    expect(live(nginxBlock({ ...facts, key: { kind: 'absent' } }))).not.toContain('X-Auth-Key');
    expect(nginxBlock({ ...facts, key: { kind: 'revealed', key: 'a"b\\c' } })).toContain('X-Auth-Key "a\\"b\\\\c";');
  });

  it('serves IMAP, POP3 and submission; mail from outside only where the config answers for recipients', () => {
    const block = live(nginxBlock(facts));
    for (const line of ['protocol imap;', 'protocol pop3;', 'protocol smtp;', 'proxy_pass_error_message on;', 'xclient on;'])
      expect(block).toContain(line);
    expect(block).not.toContain('smtp_auth none;');
    expect(live(nginxBlock({ ...facts, recipients: true }))).toContain('smtp_auth none;');
  });

  it('offers TLS as soon as there is a certificate', () => {
    expect(live(nginxBlock(facts))).not.toContain('ssl');
    const block = live(nginxBlock({ ...facts, requireTls: true, files: { certificate: '/a.crt', key: '/a.key' } }));
    expect(block).toContain('ssl_certificate      "/a.crt";');
    expect(block).toContain('starttls only;');
    expect(block).toContain('listen 993 ssl;');
    expect(block).not.toContain('external');
  });

  it('asks clients for certificates where they are mapped to users', () => {
    const block = live(nginxBlock({ ...facts, certificates: 'pem', files: { certificate: '/a.crt', key: '/a.key' } }));
    expect(block).toContain('ssl_verify_client      optional;');
    expect(block).toContain('auth_http_pass_client_cert on;');
    expect(block).toContain('imap_auth plain login external;');
  });

  it('shows the way through an http{} server where the proxy door is open, as a comment', () => {
    const block = nginxBlock({ ...facts, proxy: { address: 'gw.example.org:9443', tls: true } });
    expect(block).toContain('proxy_pass https://postern;');
    expect(live(block)).not.toContain('http {');
  });

  it('is the one that the page about scaling shows, there with three gateways', () => {
    const [, shown = ''] = /```nginx\n(http \{.*?)```/s.exec(read('docs/scaling.md')) ?? [];
    const printed = httpShim({ address: 'gateway-1.example.org:9443', tls: true, timeout: shimTimeout(5000) });
    const expected = live(printed.slice(printed.indexOf('http {')).join('\n'));
    const others = /^server gateway-[23]\.example\.org:9443 max_fails=3 fail_timeout=1s;\n/gm;
    const certificate = /^proxy_ssl_certificate(?:_key)? .*\n/gm;
    expect(live(shown).match(others)).toHaveLength(2);
    expect(live(shown).replaceAll(others, '').replaceAll(certificate, '')).toBe(expected);
  });
});

describeWithServers({ describe, it }, 'the mail{} block in nginx', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-nginx-'));
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=mail.example.org'],
      ...['-keyout', join(folder, 'mail.key'), '-out', join(folder, 'mail.crt')],
    ]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const module = '/usr/lib/nginx/modules/ngx_mail_module.so';

  const accepted = (block: string): string => {
    const file = join(folder, 'nginx.conf');
    const unprivileged = block
      .replaceAll(/listen (\d+)/g, (_whole, port: string) => `listen 127.0.0.1:${20_000 + Number(port)}`)
      .replaceAll('/etc/nginx/tls/clients-ca.crt', join(folder, 'mail.crt'));
    writeFileSync(file, `load_module ${module};\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents {}\n${unprivileged}`);
    const run = spawnSync(requireProgram('nginx'), ['-t', '-c', file, '-p', folder, '-e', join(folder, 'early.log')]);
    return run.stderr.toString();
  };

  it.each<[string, Partial<NginxFacts>]>([
    ['as it comes', {}],
    ['with a key full of quotes', { key: { kind: 'revealed', key: '"; } evil { \\ $host' } }],
    ['on a unix socket', { doors: ['unix:/run/postern/auth.sock'] }],
    ['on IPv6', { doors: ['[::1]:9143'] }],
  ])('is accepted %s', (_name, changed) => {
    expect(accepted(nginxBlock({ ...facts, ...changed }))).toContain('test is successful');
  });

  it('is accepted with TLS, client certificates and mail from outside', () => {
    const files = { certificate: join(folder, 'mail.crt'), key: join(folder, 'mail.key') };
    const block = nginxBlock({
      ...facts,
      requireTls: true,
      recipients: true,
      certificates: 'pem',
      files,
      proxy: { address: 'a:1', tls: false },
    });
    expect(accepted(block)).toContain('test is successful');
  });
});
