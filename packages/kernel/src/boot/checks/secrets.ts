import type { ConfigPath, Secret } from '@postern/contract';
import { looksStored, secretsIn } from '../secrets.js';
import type { CheckContext } from './check-context.js';

/** Secrets that stand in the file itself, and keys that no header can carry. Comes after binding. */
export const checkSecrets = ({ sections, uses, problems }: CheckContext): void => {
  const warn = (path: ConfigPath, secret: Secret): void => {
    if (!secret.literal || looksStored(secret.reveal())) return;
    const hint = 'Use { env: NAME } or { file: PATH }.';
    problems.add({ code: 'literal-secret', path, message: 'a secret stands in the config file itself', hint });
  };
  secretsIn(sections).forEach(({ path, secret }) => warn(writtenPath(path), secret));
  for (const { parsed, index } of uses) {
    secretsIn(parsed?.options).forEach(({ path, secret }) => warn(['plugins', index, 'with', ...path], secret));
  }
  const keys = [...(sections.nginx?.key ?? []).map((key) => [['nginx', 'key'], key] as const)];
  const token = sections.operator?.token;
  for (const [path, secret] of token === undefined ? keys : [...keys, [['operator', 'token'], token] as const]) {
    if (fitsHeader(secret)) continue;
    const message = 'cannot be sent in an HTTP header';
    problems.add({ code: 'key-unusable', path, message, hint: 'Use printable ASCII characters without spaces at the ends.' });
  }
};

/** A single key is read as a list of one. */
const writtenPath = (path: ConfigPath): ConfigPath => (path[0] === 'nginx' && path[1] === 'key' ? ['nginx', 'key'] : path);

/** What was not bound is told elsewhere. */
const fitsHeader = (secret: Secret): boolean => {
  try {
    return /^[!-~](?:[ -~]*[!-~])?$/.test(secret.reveal());
  } catch {
    return true;
  }
};
