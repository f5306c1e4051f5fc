import { finding, type Rule } from '../lint.js';
import type { Directive } from '../nginx-tree.js';

const keyHeader = 'x-auth-key';
const placeholder = 'PUT-THE-KEY-HERE';

const withName = (directives: readonly Directive[], name: string): readonly Directive[] =>
  directives.filter(({ words }) => words[0]?.toLowerCase() === name);

const hint = 'Write auth_http_header X-Auth-Key "…"; with the value of nginx.key ("postern nginx --reveal-key" prints it).';

/** `auth_http_header X-Auth-Key` against `nginx.key`. Neither is ever shown. */
export const key: Rule = ({ server, facts: { keys } }) => {
  const own = server.own('auth_http_header');
  const [sent] = withName(server.all('auth_http_header'), keyHeader);
  if (keys === undefined) {
    const message = 'this config of postern has no nginx.key, so nobody looks at this';
    return sent === undefined
      ? []
      : [finding('warning', 'key-unused', sent, message, 'Set nginx.key in postern.yaml, or take the header away.')];
  }
  if (sent === undefined) {
    const lost = own.length > 0 && withName(server.outer('auth_http_header'), keyHeader).length > 0;
    const message = lost
      ? 'a server that sets an auth_http_header of its own inherits none, so the X-Auth-Key of mail {} is not sent here and every login is refused'
      : 'X-Auth-Key is not sent here, so postern refuses every login';
    const again = lost ? 'Repeat the line with X-Auth-Key within this server.' : hint;
    return [finding('error', lost ? 'key-lost' : 'key-missing', own[0] ?? server.directive, message, again, 'auth_http_header')];
  }
  const value = sent.words[1] ?? '';
  if (keys.includes(value)) return [];
  return [finding('error', 'key-wrong', sent, wrongText(value), hint)];
};

const wrongText = (value: string): string => {
  if (value === placeholder) return 'the place of the key still holds the words that stand for it, so postern refuses every login';
  if (value.includes('$')) return 'this is no nginx.key of postern: variables are not expanded here, what stands there is sent as it is';
  return 'what is sent as X-Auth-Key is no nginx.key of postern, so every login is refused';
};

/** What nginx sends by itself. */
const ownHeaders = /^(?:auth-(?:method|user|pass|salt|protocol|login-attempt|smtp-.*|ssl.*)|client-(?:ip|host)|proxy-protocol-.*|host)$/i;

/** A second copy of what nginx sends itself. */
export const doubledHeaders: Rule = ({ server }) =>
  server
    .all('auth_http_header')
    .filter(({ words }) => ownHeaders.test(words[0] ?? ''))
    .map((said) => {
      const message = 'nginx sends this header itself, and postern refuses questions in which one stands twice';
      return finding('error', 'header-doubled', said, message, 'Take the line away, or choose another name such as X-Listener.');
    });
