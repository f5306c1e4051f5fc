import { plainText } from '../../logging/plain-text.js';
import { validConfig } from '../config-file.js';
import { UsageError, type Shell } from '../shell.js';
import type { Finding } from './lint.js';
import { lintNginx, type Linted } from './lint-nginx.js';
import { NginxFileError, readNginxConfig, type NginxConfig } from './nginx-files.js';
import { posternFacts } from './postern-facts.js';
import { nameOf, readText } from './read-text.js';

export interface LintOptions {
  readonly config: string;
  readonly lint: string;
  readonly json?: true;
}

/** `postern nginx --lint`: ends with 1 when there are errors, with 2 when there is nothing to lint. */
export const lintCommand = async ({ config: configFile, lint, json }: LintOptions, shell: Shell): Promise<void> => {
  const nginx = parsed(nameOf(lint), await readText(lint, shell.io));
  const config = await validConfig(shell, configFile);
  if (config === undefined) return;
  const linted = lintNginx(nameOf(lint), nginx, posternFacts(config));
  shell.io.stdout.write(
    json === true ? `${JSON.stringify({ config: config.file, ...linted }, undefined, 2)}\n` : lintText(linted, config.file),
  );
  shell.end(count(linted, 'error') > 0 ? 1 : 0);
};

const parsed = (name: string, text: string): NginxConfig => {
  try {
    return readNginxConfig(name, text);
  } catch (error) {
    if (!(error instanceof NginxFileError)) throw error;
    throw new UsageError(
      `${plainText(error.file)}:${error.line} cannot be read as an nginx config: ${error.message}`,
      'nginx -t says more.',
    );
  }
};

const count = ({ findings }: Linted, level: Finding['level']): number => findings.filter((each) => each.level === level).length;

const lintText = (linted: Linted, config: string): string => {
  const servers = `${linted.servers} mail ${linted.servers === 1 ? 'server' : 'servers'}`;
  const counts = `${said(count(linted, 'error'), 'error')}, ${said(count(linted, 'warning'), 'warning')}`;
  const end = `${servers} against ${config}: ${linted.findings.length === 0 ? 'nothing to say' : counts}\n`;
  return [...linted.findings.map(findingText), end].join('\n');
};

const said = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

const findingText = ({ file, line, level, directive, rule, message, hint }: Finding): string => {
  const lines = [`${file}:${line}  ${level}  ${directive}  (${rule})`, `    ${message}`, `    → ${hint}`];
  return `${lines.map((each) => plainText(each, 2000)).join('\n')}\n`;
};
