import { isIP, isIPv6 } from 'node:net';
import { canonicalIp } from '@postern/auth-http';
import { listenText, type ListenAddress } from '@postern/kernel';
import { authHttpTarget, authHttpTimeout } from '../../nginx-block.js';
import { finding, type Finding, type Looked, type Rule } from '../lint.js';
import { portOf } from '../mail-server.js';
import type { Directive } from '../nginx-tree.js';
import { timeOf } from '../nginx-time.js';
import type { PosternFacts } from '../postern-facts.js';

/** Where `auth_http` points to: its first address is the only one that nginx ever asks. */
export const authHttp: Rule = ({ server, facts, config }) => {
  const said = server.one('auth_http');
  const wanted = `auth_http ${authHttpTarget(listenText(facts.doors[0] ?? { kind: 'tcp', host: '127.0.0.1', port: 9143 }))};`;
  if (said === undefined)
    return [finding('error', 'auth-http-missing', server.directive, 'nobody is asked about logins here', `Write ${wanted}`, 'auth_http')];
  const wrong = wrongTarget(said.words[0] ?? '', facts, config);
  return wrong === undefined ? [] : [finding(wrong.level, wrong.rule, said, wrong.message, wrong.hint ?? `Write ${wanted}`)];
};

interface Wrong {
  readonly level: Finding['level'];
  readonly rule: string;
  readonly message: string;
  readonly hint?: string;
}

const wrongTarget = (url: string, facts: PosternFacts, config: readonly Directive[]): Wrong | undefined => {
  const [scheme = ''] = /^[a-z]+:\/\//i.exec(url) ?? [];
  if (scheme.toLowerCase() === 'https://')
    return {
      level: 'error',
      rule: 'auth-http-tls',
      message: "nginx's mail module speaks no TLS to the one it asks, so https:// does not work",
    };
  if (scheme !== '' && scheme !== 'http://')
    return { level: 'error', rule: 'auth-http-scheme', message: 'only http:// in lower case, or no scheme at all, is known here' };
  const address = url.slice(scheme.length);
  const text = address.startsWith('unix:')
    ? `unix:${address.slice(5).split(':')[0] ?? ''}`
    : (address.split(/[/?]/)[0] ?? '').replace(/^.*@/, '');
  if (text.startsWith('unix:')) return wrongSocket(text.slice(5), facts);
  return wrongAddress(text, facts, config);
};

const wrongSocket = (path: string, { doors }: PosternFacts): Wrong | undefined =>
  doors.some((door) => door.kind === 'unix' && door.path === path)
    ? undefined
    : { level: 'error', rule: 'auth-http-door', message: `postern has no door at unix:${path}` };

const wrongAddress = (text: string, { doors, proxyDoors, proxyTls }: PosternFacts, config: readonly Directive[]): Wrong | undefined => {
  const { host, port } = hostAndPort(text);
  const samePort = (door: ListenAddress): boolean => door.kind === 'tcp' && door.port === port;
  if (doors.some((door) => samePort(door) && reaches(host, door))) return localTrap(host, doors.filter(samePort));
  if (isIP(host) !== 0 && httpListens(config).some((listen) => listensAt(listen, host, port))) return undefined;
  if (proxyDoors.some((door) => samePort(door) && reaches(host, door)))
    return proxyTls
      ? {
          level: 'error',
          rule: 'auth-http-tls',
          message: "this is postern's proxy door, which wants TLS, and nginx's mail module speaks none",
        }
      : {
          level: 'warning',
          rule: 'auth-http-proxy-door',
          message: "this is postern's proxy door; the nginx door is faster and refuses more",
        };
  if (isIP(host) === 0 && host !== 'localhost' && doors.some(samePort))
    return {
      level: 'warning',
      rule: 'auth-http-name',
      message: `whether ${host} is where postern listens cannot be seen here; nginx looks the name up once, when it starts, and asks its first address only`,
      hint: `Write an address: ${doors.filter(samePort).map(listenText).join(' or ')} is where postern listens.`,
    };
  return { level: 'error', rule: 'auth-http-door', message: `postern has no door at ${text}` };
};

/** Without a port it is 80. */
const hostAndPort = (text: string): { readonly host: string; readonly port: number } => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { host: (bracketed ?? plain ?? text).toLowerCase(), port: port === undefined ? 80 : Number(port) };
};

const anyV4 = '0.0.0.0';
const anyV6 = '::';

/** Whether somebody who asks at `host` may come to this door. */
const reaches = (host: string, door: ListenAddress): boolean => {
  if (door.kind !== 'tcp') return false;
  if (door.host.toLowerCase() === host || door.host === '*') return true;
  if (host === 'localhost') return isLoopback(door.host) || door.host === anyV4 || door.host === anyV6;
  if (isIP(host) === 0) return door.host === anyV4 || door.host === anyV6;
  if (door.host === anyV6) return true;
  if (door.host === anyV4) return !isIPv6(host);
  return door.host === 'localhost' ? isLoopback(host) : canonicalIp(host) === canonicalIp(door.host);
};

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

const localTrap = (host: string, doors: readonly ListenAddress[]): Wrong | undefined => {
  if (host !== 'localhost' || doors.some((door) => door.kind === 'tcp' && ['localhost', '::1', anyV6, '*'].includes(door.host)))
    return undefined;
  const message = 'localhost may be ::1 first, nginx asks the first address only, and postern listens on IPv4 alone';
  return { level: 'warning', rule: 'auth-http-localhost', message };
};

/** A server of `http {}` on the same host may carry the question on (docs/scaling.md). */
const httpListens = (config: readonly Directive[]): readonly string[] =>
  config
    .filter(({ name }) => name === 'http')
    .flatMap(({ block = [] }) => block.filter(({ name }) => name === 'server'))
    .flatMap(({ block = [] }) => block.filter(({ name }) => name === 'listen'))
    .map(({ words }) => words[0] ?? '');

const listensAt = (listen: string, host: string, port: number): boolean => {
  if (Number(portOf(listen) || '80') !== port) return false;
  const own = hostAndPort(listen).host;
  return /^\d+$/.test(listen) || own === '*' || own === anyV4 || own === anyV6 || own === host;
};

/** nginx must wait longer than postern takes at most, or the client hears nginx's words. Its default is 60 s. */
export const authHttpPatience: Rule = ({ server, facts }: Looked) => {
  const said = server.one('auth_http_timeout');
  const ms = said === undefined ? 60_000 : timeOf(said.words[0] ?? '');
  if (ms === undefined || ms > facts.deadlineMs) return [];
  const message = `nginx waits no longer than postern takes at most (nginx.deadline: ${facts.deadlineMs}ms), so clients hear "internal error" where postern would say "temporary"`;
  const hint = `Write auth_http_timeout ${authHttpTimeout(facts.deadlineMs)};`;
  return [finding('error', 'auth-http-timeout', said ?? server.directive, message, hint, 'auth_http_timeout')];
};
