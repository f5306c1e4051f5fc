import type { Command } from 'commander';
import { listenText, type ResolvedConfig } from '@postern/kernel';
import { validConfig } from './config-file.js';
import { nginxBlock, type NginxFacts } from './nginx-block.js';
import { configOption, UsageError, type Shell } from './shell.js';

interface NginxOptions {
  readonly config: string;
  readonly revealKey?: true;
  readonly certificate?: string;
  readonly certificateKey?: string;
  readonly serverName: string;
  readonly lint?: string;
  readonly json?: true;
}

export const addNginx = (program: Command, shell: Shell): void => {
  program
    .command('nginx')
    .summary('the mail{} block for nginx, or what is wrong with one')
    .description(
      'Prints the mail{} block of nginx.conf for a config, complete and commented. With --lint it reads an nginx config instead and says ' +
        'what does not fit this config of postern; nothing is connected to, and no key is ever shown.',
    )
    .option(...configOption)
    .option('--reveal-key', 'print the shared key instead of a placeholder')
    .option('--certificate <file>', "nginx's certificate: turns the TLS servers on")
    .option('--certificate-key <file>', 'its private key')
    .option('--server-name <name>', 'the name that nginx tells clients', 'mail.example.org')
    .option('--lint <file>', 'look at an nginx.conf or, better, the output of nginx -T; - for stdin')
    .option('--json', 'with --lint: the findings as JSON')
    .addHelpText('after', help)
    .action(async (options: NginxOptions) => {
      const { lint } = options;
      if (lint !== undefined) {
        checkAlone(options);
        const { lintCommand } = await import('./nginx-lint/lint-command.js');
        return lintCommand({ ...options, lint }, shell);
      }
      if (options.json === true) throw new UsageError('--json is for --lint', 'The block itself is text.');
      const files = tlsFiles(options);
      if (!/^[A-Za-z0-9.-]+$/.test(options.serverName))
        throw new UsageError('--server-name is no host name', 'Give one such as mail.example.org.');
      const config = await validConfig(shell, options.config);
      if (config === undefined) return;
      shell.io.stdout.write(nginxBlock({ ...factsOf(config, options.revealKey === true), files, serverName: options.serverName }));
    });
};

const help = `
With --lint it ends with 0 when there are no errors, with 1 when there are, with 2 when the file cannot be read or parsed.

Examples:
  postern nginx --certificate mail.crt --certificate-key mail.key > /etc/nginx/modules-enabled/90-mail.conf
  nginx -T | postern nginx --lint -`;

/** These shape the block that is printed. */
const checkAlone = ({ revealKey, certificate, certificateKey }: NginxOptions): void => {
  if (revealKey === true || certificate !== undefined || certificateKey !== undefined)
    throw new UsageError('--lint prints no block', 'Leave --reveal-key, --certificate and --certificate-key away.');
};

const tlsFiles = ({ certificate, certificateKey }: NginxOptions): NginxFacts['files'] => {
  if (certificate === undefined && certificateKey === undefined) return undefined;
  if (certificate !== undefined && certificateKey !== undefined) return { certificate, key: certificateKey };
  throw new UsageError('a certificate and its key belong together', 'Give both --certificate and --certificate-key.');
};

const factsOf = ({ core }: ResolvedConfig, reveal: boolean): Omit<NginxFacts, 'files' | 'serverName'> => {
  const { identity, nginx, proxy } = core;
  const address = proxy?.listen[0];
  return {
    doors: core.listen.map(listenText),
    key: keyFact(nginx.key?.[0], reveal),
    deadlineMs: nginx.deadline,
    requireTls: nginx.requireTls,
    recipients: nginx.none !== undefined && (nginx.none.knownRecipients || nginx.none.domains.length > 0),
    certificates: identity.certificateUser === undefined ? 'off' : identity.certificateUser === 'san-email' ? 'pem' : 'subject',
    proxy: address === undefined ? undefined : { address: listenText(address), tls: proxy?.tls !== undefined },
  };
};

/** The first of several keys is the one to send: the others are on their way out. */
const keyFact = (key: { reveal(): string } | undefined, reveal: boolean): NginxFacts['key'] => {
  if (key === undefined) return { kind: 'absent' };
  return reveal ? { kind: 'revealed', key: key.reveal() } : { kind: 'hidden' };
};
