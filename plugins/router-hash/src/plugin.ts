import { definePlugin, type Advice, type TemplateVariable } from '@postern/contract';
import { HashConfig } from './config.js';
import { HashRouter } from './router.js';

/** Backend router `hash`: weighted rendezvous hashing over declared backends. */
export const hashPlugin = definePlugin({
  apiVersion: 1,
  role: 'backend-router',
  use: 'hash',
  config: HashConfig,
  inspect: (config) => ({
    backends: config.over.map((name, index) => ({ name, path: ['over', index] })),
    readsAttributes: config.key.variables.some((name) => name.startsWith('attributes.')) ? [['key']] : [],
    advice: adviceOn(config),
  }),
  create: (config, services) => new HashRouter(config, services.backends),
});

/** They differ between two logins to one mailbox. */
const perLogin: readonly TemplateVariable[] = ['protocol', 'clientIp'];

const adviceOn = ({ key }: HashConfig): Advice[] => {
  const variables = key.variables;
  if (variables.length === 0) {
    const message = 'the key holds no variable, so every mailbox lands on the same backend';
    return [{ path: ['key'], severity: 'warning', message, hint: 'Use {user}, {local}, {domain} or {attributes.NAME}.' }];
  }
  return variables
    .filter((variable) => perLogin.includes(variable))
    .map((variable) => ({
      path: ['key'],
      severity: 'warning',
      message: `{${variable}} is not the same at every login, so one mailbox may be looked for on several backends`,
      hint: 'Use {user}, {local}, {domain} or {attributes.NAME}.',
    }));
};
