export interface ModuleParts {
  readonly apiVersion?: string;
  readonly role?: string;
  readonly use?: string;
  /** All of these are code. */
  readonly config?: string;
  /** What `create` gives; `config` and `services` are there. */
  readonly made?: string;
}

/** The text of a plugin module, as somebody outside would write it. */
export const pluginModule = ({
  apiVersion = '1',
  role = 'credential-store',
  use = 'mine',
  config = 'z.strictObject({})',
  made = `{ abilities: { mechanisms: ['plain'], knowsUsers: true }, verify: async () => ({ kind: 'unknown-user' }) }`,
}: ModuleParts = {}): string =>
  `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export const plugin = {
  apiVersion: ${apiVersion}, role: '${role}', use: '${use}', config: ${config},
  create: (config, services) => (${made}),
};
`;
