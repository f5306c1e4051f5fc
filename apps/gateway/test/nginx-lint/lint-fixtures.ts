import { lintNginx } from '../../src/cli/nginx-lint/lint-nginx.js';
import { readNginxConfig } from '../../src/cli/nginx-lint/nginx-files.js';
import type { PosternFacts } from '../../src/cli/nginx-lint/postern-facts.js';

export const secret = 'canary-key';

export const facts: PosternFacts = {
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

export const common = `
  server_name mail.example.org;
  auth_http http://127.0.0.1:9143/;
  auth_http_header X-Auth-Key "${secret}";
  proxy_pass_error_message on;
  ssl_certificate a; ssl_certificate_key b;`;

export const mail = (server: string, outer = common): string => `events {}\nmail {${outer}\nserver {\n${server}\n}\n}\n`;

export const rules = (text: string, changed: Partial<PosternFacts> = {}): readonly string[] =>
  lintNginx('nginx.conf', readNginxConfig('nginx.conf', text), { ...facts, ...changed }).findings.map(
    ({ level, rule, line }) => `${level} ${rule} ${line}`,
  );

export const imap = 'listen 993 ssl; protocol imap;';
export const smtp = 'listen 465 ssl; protocol smtp;';
