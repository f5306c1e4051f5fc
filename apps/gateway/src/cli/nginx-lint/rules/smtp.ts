import { finding, type Rule } from '../lint.js';
import { portOf } from '../mail-server.js';

const submissionPorts = ['465', '587'];

/** SMTP without a login: postern is asked once a connection. */
export const withoutLogin: Rule = ({ server, facts }) => {
  const said = server.protocol === 'smtp' ? server.one('smtp_auth') : undefined;
  if (said === undefined || !said.words.includes('none')) return [];
  const port = server.listens.map(({ words }) => portOf(words[0] ?? '')).find((each) => submissionPorts.includes(each));
  const open = `port ${port ?? ''} is for people who log in, and this lets mail in without a login; after its first recipient nobody is asked any more`;
  const denied = 'this config of postern takes mail without a login for nobody (nginx.none), so every recipient is denied';
  return [
    ...(facts.recipients
      ? []
      : [
          finding(
            'warning',
            'none-denied',
            said,
            denied,
            'Set nginx.none in postern.yaml, or leave none away. A mail server behind must refuse to relay by itself.',
          ),
        ]),
    ...(port === undefined
      ? []
      : [finding('warning', 'none-at-submission', said, open, 'Write smtp_auth plain login; here, and none on port 25 alone.')]),
  ];
};

/** What the mail server hears of who logged in. */
export const submission: Rule = ({ server }) => {
  if (server.protocol !== 'smtp' || server.word('xclient') !== 'off' || server.word('proxy_smtp_auth') === 'on' || !server.takesLogins)
    return [];
  const said = server.one('xclient') ?? server.directive;
  const message =
    'the mail server hears neither who logged in nor from where: it either refuses to relay, or trusts the address of nginx and relays for everybody';
  return [
    finding('warning', 'smtp-no-identity', said, message, 'Write xclient on; or, for a mail server without XCLIENT, proxy_smtp_auth on;'),
  ];
};

/** A resolver tells postern the names of clients. */
export const clientNames: Rule = ({ server }) => {
  const said = server.protocol === 'smtp' ? server.one('resolver') : undefined;
  if (said === undefined || said.words[0] === 'off') return [];
  const message = 'names of clients are looked up, and nginx before 1.28.3 and 1.29.7 passes them on unchecked (CVE-2026-28753)';
  return [finding('warning', 'resolver-names', said, message, 'Run a newer nginx, or write resolver off;')];
};
