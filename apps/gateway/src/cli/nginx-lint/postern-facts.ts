import type { ListenAddress, ResolvedConfig } from '@postern/kernel';

/** What the rules must know of a config of postern. */
export interface PosternFacts {
  readonly doors: readonly ListenAddress[];
  readonly proxyDoors: readonly ListenAddress[];
  readonly proxyTls: boolean;
  /** Secret; undefined: none is configured. */
  readonly keys: readonly string[] | undefined;
  readonly deadlineMs: number;
  readonly requireTls: boolean;
  /** SMTP recipients without a login are answered. */
  readonly recipients: boolean;
  /** `pem`: the rule reads the certificate itself. */
  readonly certificates: 'off' | 'subject' | 'pem';
  /** PROXY protocol addresses of some peers are believed. */
  readonly trustsProxies: boolean;
}

export const posternFacts = ({ core }: ResolvedConfig): PosternFacts => {
  const { identity, nginx, proxy, listen } = core;
  const { certificateUser } = identity;
  return {
    doors: listen,
    proxyDoors: proxy?.listen ?? [],
    proxyTls: proxy?.tls !== undefined,
    keys: nginx.key?.map((key) => key.reveal()),
    deadlineMs: nginx.deadline,
    requireTls: nginx.requireTls,
    recipients: nginx.none !== undefined && (nginx.none.knownRecipients || nginx.none.domains.length > 0),
    certificates: certificateUser === undefined ? 'off' : certificateUser === 'san-email' ? 'pem' : 'subject',
    trustsProxies: nginx.trustedProxies.toJSON().length > 0,
  };
};
