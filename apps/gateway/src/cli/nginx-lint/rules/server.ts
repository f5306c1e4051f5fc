import { finding, type Finding, type Rule } from '../lint.js';
import type { Directive } from '../nginx-tree.js';

export const protocol: Rule = ({ server }) => {
  if (server.protocol !== undefined) return [];
  const [said] = server.own('protocol');
  const message = said === undefined ? 'nginx cannot know from the port what is spoken here' : 'nginx knows no such protocol';
  return [finding('error', 'protocol-unknown', said ?? server.directive, message, 'Write protocol imap; (or pop3, or smtp).', 'protocol')];
};

export const serverName: Rule = ({ server }) => {
  if (server.one('server_name') !== undefined) return [];
  const message = 'clients and mail servers are told the name of the host, which is also part of every CRAM-MD5 and APOP challenge';
  return [
    finding(
      'warning',
      'server-name-missing',
      server.directive,
      message,
      'Write server_name mail.example.org; with your name.',
      'server_name',
    ),
  ];
};

/** Logs that would hold passwords, anywhere outside `http {}`. */
export const logs = (config: readonly Directive[]): readonly Finding[] =>
  config.flatMap((directive): readonly Finding[] => {
    if (directive.name === 'mail' || directive.name === 'server') return logs(directive.block ?? []);
    if (directive.name !== 'error_log' || directive.words[1] !== 'debug') return [];
    const message = 'the debug log of nginx holds passwords';
    return [finding('error', 'log-debug', directive, message, 'Write error_log FILE warn;')];
  });

const fewConnections = 256;

/** A session takes two of them, and a third while postern is asked. */
export const connections = (config: readonly Directive[]): readonly Finding[] =>
  config
    .filter(({ name }) => name === 'events')
    .flatMap(({ block = [] }) => block.filter(({ name }) => name === 'worker_connections'))
    .filter(({ words }) => /^\d+$/.test(words[0] ?? '') && Number(words[0]) < fewConnections)
    .map((said) => {
      const message = `a mail session takes two connections, and a third while it logs in: that is ${Math.floor(Number(said.words[0]) / 3)} people at once in each worker`;
      return finding('warning', 'connections-few', said, message, 'Write worker_connections 4096; or more.');
    });
