import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { PosternFacts } from '../../src/cli/nginx-lint/postern-facts.js';
import { read, repository } from '../docs/repository.js';
import { common, facts, imap, mail, rules, secret, smtp } from './lint-fixtures.js';

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
