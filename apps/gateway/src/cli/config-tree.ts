import { Networks, protocols, type Role } from '@postern/contract';
import { listenText, type CoreConfig, type ResolvedConfig, type ResolvedUse } from '@postern/kernel';

/** What a config comes to, in the way a login goes: doors, identity, policies, stores, routers, backends. Holds no secret. */
export const configTree = (config: ResolvedConfig): string => {
  const { core, file } = config;
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['doors', doorLines(core)],
    ['identity', identityLines(core)],
    ['policies, outermost first', useLines(config, 'policy')],
    ['stores, in the order of asking', useLines(config, 'credential-store')],
    ['routers, in the order of asking', useLines(config, 'backend-router')],
    ['backends', backendLines(core)],
  ];
  const body = sections.filter(([, lines]) => lines.length > 0).map(([title, lines]) => [title, ...branches(lines)].join('\n'));
  return `${file} is fine\n\n${body.join('\n\n')}\n`;
};

const branches = (lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${index === lines.length - 1 ? '└─' : '├─'} ${line}`);

const doorLines = (core: CoreConfig): readonly string[] => {
  const { allow, deadline, key, requireTls } = core.nginx;
  const key_ = key === undefined ? 'no key' : key.length === 1 ? 'with a key' : `with ${key.length} keys`;
  const common = `${key_}, answers within ${deadline}ms${requireTls ? ', TLS required of clients' : ''}`;
  const peers = `asked by ${allow.toJSON().join(', ')}`;
  return [
    ...core.listen.map(
      (address) => `nginx     ${listenText(address)}  (${[common, ...(address.kind === 'tcp' ? [peers] : [])].join('; ')})`,
    ),
    ...(core.proxy?.listen ?? []).map((address) => `proxy     ${listenText(address)}  (${[proxyTls(core), common, peers].join('; ')})`),
    ...(core.operator?.listen ?? []).map(
      (address) => `operator  ${listenText(address)}${core.operator?.token === undefined ? '' : '  (with a token)'}`,
    ),
  ];
};

const proxyTls = ({ proxy }: CoreConfig): string => {
  if (proxy?.tls === undefined) return 'no TLS';
  return proxy.tls.clientCa === undefined ? 'TLS' : 'TLS with client certificates';
};

const identityLines = ({ identity, nginx }: CoreConfig): readonly string[] => {
  const { certificateUser, defaultDomain, domainAliases, lowercase, stripTag } = identity;
  const aliases = Object.entries(domainAliases);
  return [
    ...(defaultDomain === undefined ? [] : [`logins without @ get @${defaultDomain}`]),
    lowercase ? 'logins are folded to lower case' : 'only the domain is folded to lower case',
    ...(stripTag === undefined ? [] : [`what follows ${JSON.stringify(stripTag)} in the local part is cut off`]),
    ...aliases.map(([alias, domain]) => `${alias} means ${domain}`),
    `client certificates: ${certificateText(certificateUser)}`,
    `mail without a login: ${recipientText(nginx.none)}`,
  ];
};

const certificateText = (rule: CoreConfig['identity']['certificateUser']): string => {
  if (rule === undefined) return 'denied';
  return typeof rule === 'string' ? `by ${rule}` : `${Object.keys(rule).length} by fingerprint`;
};

const recipientText = (none: CoreConfig['nginx']['none']): string => {
  if (none === undefined) return 'denied';
  const known = none.knownRecipients ? 'recipients that a store knows' : undefined;
  const domains = none.domains.length === 0 ? undefined : none.domains.join(', ');
  return [known, domains].filter((part) => part !== undefined).join(' in ') || 'denied';
};

const useLines = ({ plugins }: ResolvedConfig, role: Role): readonly string[] => {
  const uses = plugins.filter(({ plugin }) => plugin.role === role);
  const width = Math.max(0, ...uses.map(({ name }) => name.length));
  return uses.map((use) => [use.name.padEnd(width), ...useDetails(use)].join('  ').trimEnd());
};

const useDetails = ({ name, use, when, on, mode, inspection }: ResolvedUse): readonly string[] => {
  const backends = [...new Set((inspection.backends ?? []).map((backend) => backend.name))];
  const destinations = [...backends, ...(inspection.namesBackendsAtRunTime === true ? ['what it finds at run time'] : [])];
  return [
    ...(use === name ? [] : [`use ${use}`]),
    ...(when === undefined ? [] : [`when ${pairs(when)}`]),
    ...(Object.keys(on).length === 0 ? [] : [`on ${pairs(on)}`]),
    ...(mode === 'answer' ? [] : [`(${mode})`]),
    ...(destinations.length === 0 ? [] : [`→ ${destinations.join(', ')}`]),
  ];
};

const pairs = (mapping: object): string =>
  Object.entries(mapping)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${valueText(value)}`)
    .join(', ');

const valueText = (value: unknown): string => {
  if (value instanceof Networks) return value.toJSON().join(' | ');
  return Array.isArray(value) ? value.join(' | ') : String(value);
};

const backendLines = ({ backends, health }: CoreConfig): readonly string[] => {
  const entries = Object.entries(backends);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const lines = entries.map(([name, backend]) => {
    const ports = protocols.map((protocol) => `${protocol} ${backend[protocol]}`).join(', ');
    const { user, password } = backend.login ?? {};
    return [
      `${name.padEnd(width)}  ${backend.host}  ${ports}`,
      ...(backend.weight === 1 ? [] : [`weight ${backend.weight}`]),
      ...(backend.state === 'up' ? [] : [backend.state]),
      ...(user === undefined ? [] : [`login as ${user.text}`]),
      ...(password === undefined ? [] : ['with a password of its own']),
    ].join('  ');
  });
  return lines.length === 0 ? [] : [...lines, healthText(health)];
};

const healthText = (health: CoreConfig['health']): string =>
  health === 'off'
    ? 'not checked'
    : `checked every ${health.every}ms; down after ${health.fall} failures, up after ${health.rise} successes`;
