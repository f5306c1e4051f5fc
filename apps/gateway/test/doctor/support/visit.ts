import type { ConfigError, ResolvedConfig } from '@postern/kernel';
import { ModulePlugins, readConfig, SystemClock, SystemResolver } from '@postern/kernel';
import { bundledPlugins } from '../../../src/plugins.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { Ports } from '../../../src/cli/doctor/ports.js';
import { quoteWithout } from '../../../src/cli/doctor/quote.js';
import { madeUpStranger } from '../../../src/cli/doctor/stranger.js';
import type { Visit } from '../../../src/cli/doctor/visit.js';
import type { ConfigFolder } from '../../support/config-folder.js';

/** A visit with this config, and what it found. */
export const visitWith = async (
  folder: ConfigFolder,
  config: Readonly<Record<string, unknown>>,
  changed: Partial<Visit> = {},
): Promise<{ readonly visit: Visit; readonly findings: Finding[] }> => {
  folder.write(config);
  const read = await readConfig(folder.file, new ModulePlugins(bundledPlugins), {});
  if (read.config === undefined) throw new Error(read.problems.map(({ message }: ConfigError) => message).join('; '));
  const resolved: ResolvedConfig = read.config;
  const findings: Finding[] = [];
  const visit: Visit = {
    config: resolved,
    warnings: [],
    person: undefined,
    stranger: madeUpStranger(),
    clientIp: '127.0.0.1',
    tls: true,
    timeoutMs: 300,
    fronts: new Map(),
    frontTls: false,
    ports: new Ports({ config: resolved, clock: new SystemClock(), resolver: new SystemResolver(), timeoutMs: 300 }),
    quote: quoteWithout([changed.person?.password ?? '']),
    tell: (finding) => void findings.push(finding),
    ...changed,
  };
  return { visit, findings };
};

/** For comparison at a glance. */
export const shortly = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ outcome, about, detail }) => `${outcome} ${about}: ${detail}`);
