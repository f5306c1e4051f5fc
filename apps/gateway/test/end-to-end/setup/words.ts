import type { MailProtocol } from '@postern/testkit';

export const mailProtocols = ['imap', 'pop3', 'smtp'] as const satisfies readonly MailProtocol[];

/** What a client reads when nobody can tell now. It comes from the gateway: nginx's own words are others. */
export const temporary: Readonly<Record<MailProtocol, RegExp>> = {
  imap: /^a NO \[UNAVAILABLE\] Temporary server problem/u,
  pop3: /^-ERR \[SYS\/TEMP\] Temporary server problem/u,
  smtp: /^454 4\.7\.0 Temporary server problem/u,
};

export const denied: Readonly<Record<MailProtocol, RegExp>> = {
  imap: /^a NO \[AUTHENTICATIONFAILED\]/u,
  pop3: /^-ERR \[AUTH\]/u,
  smtp: /^535 5\.7\.8/u,
};

/** In no protocol may an outage look like this: mail programs throw the password away. */
export const wrongPassword = /AUTHENTICATIONFAILED|\[AUTH\]|^535/u;

export const letIn = /^a OK|^\+OK|^235/u;
