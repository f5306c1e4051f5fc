/**
 * How a client proves who it is: nginx's `Auth-Method`.
 *
 * `plain` covers IMAP LOGIN, POP3 USER/PASS, AUTH PLAIN and AUTH LOGIN; `none` is SMTP without a login
 * (`smtp_auth none`), one question per connection. `xoauth2` and `oauthbearer` come from Angie and freenginx.
 */
export type Mechanism = (typeof mechanisms)[number];

export const mechanisms = ['plain', 'apop', 'cram-md5', 'external', 'none', 'xoauth2', 'oauthbearer'] as const;

/** The mail protocol the client speaks: nginx's `Auth-Protocol`. */
export type Protocol = (typeof protocols)[number];

export const protocols = ['imap', 'pop3', 'smtp'] as const;
