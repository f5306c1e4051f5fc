import { finding, type Finding, type Rule } from './lint.js';
import { MailServer } from './mail-server.js';
import type { NginxConfig } from './nginx-files.js';
import type { Directive } from './nginx-tree.js';
import type { PosternFacts } from './postern-facts.js';
import { authHttp, authHttpPatience } from './rules/auth-http.js';
import { doubledHeaders, key } from './rules/key.js';
import { certificates, methods } from './rules/methods.js';
import { errorMessages, proxyProtocol, timeouts } from './rules/proxy.js';
import { connections, logs, protocol, serverName } from './rules/server.js';
import { clientNames, submission, withoutLogin } from './rules/smtp.js';
import { tls } from './rules/tls.js';

const serverRules: readonly Rule[] = [
  ...[protocol, serverName, authHttp, authHttpPatience, key, doubledHeaders, methods, certificates],
  ...[withoutLogin, submission, clientNames, tls, proxyProtocol, errorMessages, timeouts],
];

/** What a lint came to. */
export interface Linted {
  /** How many mail servers were looked at. */
  readonly servers: number;
  /** By file and line; each place once, however many servers inherit it. */
  readonly findings: readonly Finding[];
}

/** Looks at an nginx config with the eyes of a config of postern. `file`: what the text was read from. */
export const lintNginx = (file: string, { directives, files, notFollowed }: NginxConfig, facts: PosternFacts): Linted => {
  const mails = directives.filter(({ name, block }) => name === 'mail' && block !== undefined);
  const servers = mails.flatMap((mail) => serversOf(mail));
  const found = [
    ...noMail(file, mails, servers, notFollowed),
    ...unseen(notFollowed),
    ...servers.flatMap((server) => serverRules.flatMap((rule) => rule({ server, facts, config: directives }))),
    ...(mails.length === 0 ? [] : [...logs(directives), ...connections(directives)]),
  ];
  const sorted = unique(found).sort((one, other) => files.indexOf(one.file) - files.indexOf(other.file) || one.line - other.line);
  return { servers: servers.length, findings: sorted };
};

const serversOf = (mail: Directive): readonly MailServer[] =>
  (mail.block ?? []).filter(({ name, block }) => name === 'server' && block !== undefined).map((server) => new MailServer(server, mail));

const noMail = (
  file: string,
  [mail]: readonly Directive[],
  servers: readonly MailServer[],
  notFollowed: readonly Directive[],
): readonly Finding[] => {
  if (servers.length > 0) return [];
  const hint =
    notFollowed.length > 0 ? 'Give the output of nginx -T, which holds all files.' : '"postern nginx" prints one for this config.';
  if (mail !== undefined) return [finding('error', 'no-servers', mail, 'mail {} holds no server {}', hint)];
  return [finding('error', 'no-mail', { name: 'mail', words: [], file, line: 1 }, 'there is no mail {} block', hint)];
};

const unseen = (notFollowed: readonly Directive[]): readonly Finding[] => {
  const [first] = notFollowed;
  if (first === undefined) return [];
  const message = `${notFollowed.length === 1 ? 'the included file is' : `${notFollowed.length} includes are`} not looked at`;
  return [finding('warning', 'include-unseen', first, message, 'Give the output of nginx -T, which holds all files.')];
};

const unique = (findings: readonly Finding[]): Finding[] => [
  ...new Map(findings.map((each) => [JSON.stringify([each.rule, each.file, each.line]), each])).values(),
];
