import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { repository } from '../docs/repository.js';

type AuditAnswer = (text: string) => { readonly kind: string; readonly reason?: string; readonly holes?: readonly string[] };

/** As a registry without that service is told of. */
const refused = (message: string): string => JSON.stringify({ error: { code: 'ERR_PNPM_AUDIT_BAD_RESPONSE', message } });
const bothRefuse =
  'The audit endpoint (at https://npm.example.org/-/npm/v1/security/audits/quick) responded with 405: <html>\n<body>no</body>. ' +
  'Fallback endpoint (at https://npm.example.org/-/npm/v1/security/audits) responded with 405: ';

describe('npm run audit', () => {
  let auditAnswer: AuditAnswer;
  beforeAll(async () => {
    const url = pathToFileURL(join(repository, 'scripts/lib/audit-answer.mjs')).href;
    ({ auditAnswer } = (await import(url)) as { readonly auditAnswer: AuditAnswer });
  });

  it('says in one sentence which registry does not answer such questions, and what to do', () => {
    expect(auditAnswer(refused(bothRefuse))).toEqual({
      kind: 'unknown',
      reason:
        'the registry at npm.example.org does not answer audit questions (HTTP 405); ask one that does with npm_config_registry=URL npm run audit',
    });
  });

  it.each([
    [
      'a name that is not found',
      refused('request to https://npm.example.org/x failed, reason: getaddrinfo ENOTFOUND\n    at Client.x'),
      'ENOTFOUND',
    ],
    ['a page in place of JSON', '<html>\n<body>proxy</body>\n', '<html>'],
    ['nothing', '', 'the registry did not answer'],
    ['something else', 'null', 'the registry did not answer'],
    ['no advisories', '{}', 'the registry did not answer'],
  ])('takes %s for no answer, in one line', (_, text, said) => {
    const { kind, reason } = auditAnswer(text);
    expect([kind, reason?.includes(said), reason?.includes('\n')]).toEqual(['unknown', true, false]);
  });

  it('lists the holes that are told, and takes an empty list for none', () => {
    const advisories = { 1: { severity: 'high', module_name: 'x', findings: [{ version: '1.0.0' }], title: 'a hole', url: 'https://x' } };
    expect(auditAnswer(JSON.stringify({ advisories, metadata: { totalDependencies: 9 } }))).toEqual({
      kind: 'told',
      holes: ['high: x 1.0.0: a hole (https://x)'],
      packages: 9,
    });
    expect(auditAnswer('{"advisories":{}}')).toMatchObject({ kind: 'told', holes: [] });
  });
});
