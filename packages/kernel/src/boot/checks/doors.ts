import type { ConfigPath } from '@postern/contract';
import { own } from '../reading/value-at.js';
import { type ListenAddress, listenText } from '../schema/listen.js';
import type { CheckContext } from './check-context.js';
import { isLocal, isLoopback, overlap } from './local-address.js';

interface Listener {
  readonly address: ListenAddress;
  readonly path: ConfigPath;
}

/** Addresses against each other, and against what must protect them. */
export const checkDoors = (context: CheckContext): void => {
  const { sections, data, problems } = context;
  const asking = [...listeners(data, ['listen'], sections.listen), ...listeners(data, ['proxy', 'listen'], sections.proxy?.listen)];
  const operator = listeners(data, ['operator', 'listen'], sections.operator?.listen);
  const readable = sections.listen !== undefined && (sections.proxy !== undefined || own(data, 'proxy') === undefined);
  if (readable && asking.length === 0) {
    const message = 'there is no address on which nginx could ask';
    problems.add({ code: 'no-door', path: ['listen'], message, hint: 'Name one: listen: 127.0.0.1:9143' });
  }
  checkTwice([...asking, ...operator], context);
  checkKey(asking, context);
  checkOperator(operator, context);
  checkPeers(asking, context);
};

const listeners = (data: unknown, path: ConfigPath, addresses: readonly ListenAddress[] | undefined): readonly Listener[] => {
  let written = data;
  for (const step of path) written = own(written, String(step));
  return (addresses ?? []).map((address, index) => ({ address, path: Array.isArray(written) ? [...path, index] : path }));
};

const checkTwice = (all: readonly Listener[], { problems }: CheckContext): void => {
  all.forEach(({ address, path }, index) => {
    const other = all.slice(0, index).find((earlier) => overlap(earlier.address, address));
    if (other === undefined) return;
    const message = `${listenText(address)} cannot be listened on beside ${listenText(other.address)}`;
    problems.add({ code: 'listen-twice', path, message, hint: 'Give each door an address of its own.' });
  });
};

const checkKey = (asking: readonly Listener[], { sections, problems }: CheckContext): void => {
  if (sections.nginx === undefined || sections.nginx.key !== undefined || asking.length === 0) return;
  const open = asking.filter(({ address }) => !isLocal(address));
  for (const { address, path } of open) {
    const message = `${listenText(address)} is open to other machines, and nginx.key is missing`;
    problems.add({
      code: 'key-required',
      path,
      message,
      hint: 'Set nginx.key: { env: POSTERN_KEY }, and auth_http_header X-Auth-Key in nginx.',
    });
  }
  if (open.length > 0) return;
  const message = 'is not set: every local user who can connect may try passwords without limit';
  problems.add({ code: 'no-key', path: ['nginx', 'key'], message, hint: 'Set it as { env: NAME } or { file: PATH }.' });
};

const checkOperator = (operator: readonly Listener[], { sections, problems }: CheckContext): void => {
  if (sections.operator === undefined || sections.operator.token !== undefined) return;
  for (const { address, path } of operator) {
    if (isLocal(address)) continue;
    const message = `${listenText(address)} is open to other machines, and operator.token is missing`;
    problems.add({ code: 'operator-token-required', path, message, hint: 'Set operator.token: { file: PATH }.' });
  }
};

/** Settings that let nobody in, or let passwords be seen. */
const checkPeers = (asking: readonly Listener[], { sections, problems }: CheckContext): void => {
  const { nginx, proxy } = sections;
  const allow = nginx?.allow.toJSON();
  const path = ['nginx', 'allow'];
  if (allow?.length === 0 && asking.some(({ address }) => address.kind === 'tcp')) {
    const message = 'admits nobody: every question over TCP will be refused';
    problems.add({
      code: 'peers-none',
      path,
      message,
      hint: 'Name the networks that nginx asks from, or leave it out: then this machine may.',
    });
  } else if (allow?.every(isLoopbackNetwork) === true && asking.some(({ address }) => !isLocal(address))) {
    const message = 'admits this machine only, but a door listens for others';
    problems.add({ code: 'peers-only-local', path, message, hint: 'Name the networks that nginx asks from.' });
  }
  if (proxy !== undefined && proxy.tls === undefined && proxy.listen.some((address) => !isLocal(address))) {
    const message = 'is missing: passwords cross the network in clear text';
    problems.add({ code: 'proxy-without-tls', path: ['proxy', 'tls'], message, hint: 'Set proxy.tls: { cert: PATH, key: PATH }.' });
  }
};

const isLoopbackNetwork = (network: string): boolean => isLoopback(network.split('/')[0] ?? '');
