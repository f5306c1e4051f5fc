// What a registry said about known holes. "None" and "cannot tell" are different: without an answer there is a `reason`, in one sentence.

const nobodyAnswers = (words) => {
  const [, host] = /https?:\/\/([^/\s)]+)/.exec(words) ?? [];
  const [, status] = /responded with (\d{3})/.exec(words) ?? [];
  const registry = host === undefined ? 'the registry' : `the registry at ${host}`;
  if (status !== undefined)
    return `${registry} does not answer audit questions (HTTP ${status}); ask one that does with npm_config_registry=URL npm run audit`;
  const [first = ''] = words.split('\n');
  return `${registry} did not answer${first === '' ? '' : `: ${first.slice(0, 200)}`}`;
};

const parsed = (text) => {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return { error: { message: text.trim() } };
  }
};

/** `text`: what `pnpm audit --json` wrote. */
export const auditAnswer = (text) => {
  const { advisories, metadata, error } = parsed(text);
  if (error !== undefined || advisories === undefined) return { kind: 'unknown', reason: nobodyAnswers(String(error?.message ?? '')) };
  const holes = Object.values(advisories).map(
    ({ severity, module_name: name, findings, title, url }) =>
      `${severity}: ${name} ${findings.map(({ version }) => version).join(', ')}: ${title} (${url})`,
  );
  return { kind: 'told', holes, packages: metadata?.totalDependencies ?? 'all' };
};
