import { isIP } from 'node:net';
import type { Command } from 'commander';
import { parseDuration, parseHostPort, protocols, type Protocol } from '@postern/contract';
import { SystemClock, SystemResolver, type ConfigError, type ResolvedConfig } from '@postern/kernel';
import { problemsText } from './problems.js';
import { readConfigFile } from './config-file.js';
import { checkUp } from './doctor/checkup.js';
import type { Finding, Tell } from './doctor/finding.js';
import { Ports } from './doctor/ports.js';
import { quoteWithout } from './doctor/quote.js';
import { Report } from './doctor/report.js';
import { madeUpStranger } from './doctor/stranger.js';
import type { Person, Visit } from './doctor/visit.js';
import { makingProblems } from './making-problems.js';
import { passingGeneration } from './passing-generation.js';
import { readPassword } from './read-password.js';
import { configOption, UsageError, type Shell } from './shell.js';

interface DoctorOptions {
  readonly config: string;
  readonly user?: string;
  readonly passwordStdin?: true;
  readonly clientIp: string;
  readonly tlsClient: boolean;
  readonly imap?: string;
  readonly pop3?: string;
  readonly smtp?: string;
  readonly tls?: true;
  readonly timeout: string;
  readonly json?: true;
  readonly color: boolean;
}

const help = `
It asks the doors what nginx asks, with a wrong key, and about a made-up user under .invalid that no store can know: such a try counts at
\`throttle\` for the address of --client-ip, once each time. With --user and --password-stdin it logs in as well, once per protocol, and a
wrong password is tried once.

Run it on the gateway's host, as its user and with its environment. Ends with 0 when all is well (warnings are no illness), with 1 when
there is a problem, with 2 when the config is wrong.

Examples:
  postern doctor -c /etc/postern/postern.yaml
  postern doctor --user anna@example.org --password-stdin < password
  postern doctor --user anna@example.org --password-stdin --imap 127.0.0.1:143 --smtp mail.example.org:465 < password`;

export const addDoctor = (program: Command, shell: Shell): void => {
  program
    .command('doctor')
    .summary('is all well? asks the running gateway, stores, backends and nginx')
    .description(
      'Asks the gateway that runs with this config real questions, as nginx does, and holds stores, routers, backends and nginx against ' +
        'each other. Says of each what was seen, and what to do where it is not well.',
    )
    .option(...configOption)
    .option('-u, --user <login>', 'somebody to ask about, and with a password to log in as')
    .option('--password-stdin', "read that user's password from stdin")
    .option('--client-ip <ip>', 'address that the mail client is said to have', '127.0.0.1')
    .option('--no-tls-client', 'as if the mail client had not turned on TLS')
    .option('--imap <host:port>', 'where nginx listens for IMAP: log in through it')
    .option('--pop3 <host:port>', 'the same for POP3')
    .option('--smtp <host:port>', 'the same for SMTP submission')
    .option('--tls', 'turn on TLS there with STARTTLS; ports 993, 995 and 465 have it from the start')
    .option('--timeout <duration>', 'time for each thing that is asked of a server', '5s')
    .option('--json', 'as JSON')
    .option('--no-color', 'no colours on a terminal')
    .addHelpText('after', help)
    .action((options: DoctorOptions) => visited(options, shell));
};

const visited = async (options: DoctorOptions, shell: Shell): Promise<void> => {
  const { io } = shell;
  const asked = questionOf(options);
  const person = await personOf(options, shell);
  const read = await usableConfig(options.config, shell);
  if (read === undefined) return;
  const findings: Finding[] = [];
  const coloured = options.color && io.stdout.isTTY === true && (io.env['NO_COLOR'] ?? '') === '';
  const report = options.json === true ? undefined : new Report((text) => void io.stdout.write(text), coloured);
  const tell: Tell = (finding) => {
    findings.push(finding);
    report?.add(finding);
  };
  const visit = visitOf({ ...read, ...asked, person, tell });
  await checkUp(visit, async (use) => {
    await passingGeneration({ config: read.config, shell, use });
  });
  const ok = findings.every(({ outcome }) => outcome !== 'problem');
  if (report === undefined) io.stdout.write(`${JSON.stringify({ config: read.config.file, ok, findings }, undefined, 2)}\n`);
  else report.end();
  shell.end(ok ? 0 : 1);
};

type Asked = Pick<Visit, 'clientIp' | 'tls' | 'timeoutMs' | 'fronts' | 'frontTls'>;

const questionOf = (options: DoctorOptions): Asked => {
  const { clientIp, tlsClient, tls: frontTls = false, timeout } = options;
  if (isIP(clientIp) === 0) throw new UsageError(`"${clientIp}" is no IP address`, 'Give one such as 192.0.2.7 or 2001:db8::7.');
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined || timeoutMs < 10 || timeoutMs > 60_000)
    throw new UsageError(`"${timeout}" is no duration from 10ms to 1m`, 'Write for example 500ms or 10s.');
  const fronts = new Map(protocols.flatMap((protocol) => frontOf(protocol, options[protocol])));
  return { clientIp, tls: tlsClient, timeoutMs, fronts, frontTls };
};

type Front = readonly [Protocol, { readonly kind: 'tcp'; readonly host: string; readonly port: number }];

const frontOf = (protocol: Protocol, text: string | undefined): readonly Front[] => {
  if (text === undefined) return [];
  const { host, port } = parseHostPort(text) ?? {};
  if (host === undefined || port === undefined)
    throw new UsageError(`--${protocol} "${text}" is no address`, 'Write HOST:PORT or [IPv6]:PORT.');
  return [[protocol, { kind: 'tcp', host, port }]];
};

const personOf = async ({ user, passwordStdin }: DoctorOptions, { io }: Shell): Promise<Person | undefined> => {
  if (user === undefined && passwordStdin === undefined) return undefined;
  if (user === undefined) throw new UsageError('--password-stdin without --user', 'Say whose password it is.');
  if (passwordStdin === undefined) return { user };
  return { user, password: Buffer.from(await readPassword(io, false)).toString('utf8') };
};

interface Read {
  readonly config: ResolvedConfig;
  readonly warnings: readonly ConfigError[];
}

/** As `check` judges it. Undefined after its errors were told. */
const usableConfig = async (file: string, shell: Shell): Promise<Read | undefined> => {
  const { config, problems } = await readConfigFile(shell, file);
  const made = config === undefined ? [] : await makingProblems(config);
  if (config !== undefined && made.length === 0) return { config, warnings: problems };
  shell.io.stderr.write(problemsText([...made, ...problems]));
  shell.end(2);
  return undefined;
};

const visitOf = (parts: Read & Asked & Pick<Visit, 'person' | 'tell'>): Visit => {
  const { config, person, timeoutMs } = parts;
  const keys = [...(config.core.nginx.key ?? []), ...(config.core.operator?.token === undefined ? [] : [config.core.operator.token])];
  const quote = quoteWithout([person?.password ?? '', ...keys.map((key) => key.reveal())]);
  return {
    ...parts,
    quote,
    stranger: madeUpStranger(),
    ports: new Ports({ config, timeoutMs, clock: new SystemClock(), resolver: new SystemResolver() }),
  };
};
