import { finding, type Rule } from '../lint.js';
import type { Directive } from '../nginx-tree.js';
import { timeOf } from '../nginx-time.js';

/** Whose address postern counts tries by. */
export const proxyProtocol: Rule = ({ server, facts, config }) => {
  const spoken = server.listens.find(({ words }) => words.includes('proxy_protocol'));
  const trusted = server.one('set_real_ip_from');
  if (spoken !== undefined && trusted === undefined && !facts.trustsProxies) {
    const message = 'every client counts as the load balancer: nginx is not told to believe the address that it gives';
    return [
      finding(
        'warning',
        'real-ip-missing',
        spoken,
        message,
        'Write set_real_ip_from ADDRESS-OF-THE-LOAD-BALANCER; or set nginx.trustedProxies in postern.yaml.',
      ),
    ];
  }
  if (spoken !== undefined || trusted === undefined) return [];
  // What mail {} says is for any of its servers.
  if (server.own('set_real_ip_from').length === 0 && anySpeaks(config)) return [];
  const message = 'no address is ever taken from a load balancer here: no listen has proxy_protocol';
  return [finding('warning', 'real-ip-unused', trusted, message, 'Write listen PORT proxy_protocol; or take the line away.')];
};

const anySpeaks = (config: readonly Directive[]): boolean =>
  within(within(within(config, 'mail'), 'server'), 'listen', true).some(({ words }) => words.includes('proxy_protocol'));

/** What stands within the blocks of that name; `themselves`: the directives of that name. */
const within = (directives: readonly Directive[], name: string, themselves = false): readonly Directive[] => {
  const named = directives.filter((directive) => directive.name === name);
  return themselves ? named : named.flatMap(({ block = [] }) => block);
};

/** A refusal by the mail server in its own words. */
export const errorMessages: Rule = ({ server }) => {
  if (server.word('proxy_pass_error_message') === 'on') return [];
  const message = 'what a mail server says when it refuses a login does not reach the client, which hears "internal error" instead';
  const at = server.one('proxy_pass_error_message') ?? server.directive;
  return [finding('warning', 'backend-words', at, message, 'Write proxy_pass_error_message on;', 'proxy_pass_error_message')];
};

const shortestLoginMs = 10_000;
/** IDLE clients say something every 29 minutes (RFC 2177). */
const shortestIdleMs = 1_800_000;

export const timeouts: Rule = ({ server }) => {
  const login = server.one('timeout');
  const loginMs = timeOf(login?.words[0] ?? '');
  const session = server.protocol === 'imap' ? server.one('proxy_timeout') : undefined;
  const sessionMs = timeOf(session?.words[0] ?? '');
  return [
    ...(login !== undefined && loginMs !== undefined && loginMs < shortestLoginMs
      ? [
          finding(
            'warning',
            'timeout-short',
            login,
            'a mail server has this time for the connection, its greeting and the whole login',
            'Write timeout 60s;',
          ),
        ]
      : []),
    ...(session !== undefined && sessionMs !== undefined && sessionMs < shortestIdleMs
      ? [
          finding(
            'warning',
            'idle-cut',
            session,
            'clients that wait for new mail (IDLE) may be silent for 29 minutes and are cut off before',
            'Write proxy_timeout 24h;',
          ),
        ]
      : []),
  ];
};
