import { readFileSync } from 'node:fs';
import { listenText, type CoreConfig, type ListenAddress, type ProxyConfig } from '@postern/kernel';
import { DoorError } from './doors/door-error.js';
import type { DoorRules } from './doors/door.js';
import type { TlsMaterial } from './doors/tls-material.js';

/** One place where the config wants somebody to listen. `key` tells whether a door that is open already is the same one. */
export interface WantedDoor {
  readonly kind: 'nginx' | 'proxy' | 'operator';
  readonly address: ListenAddress;
  readonly key: string;
}

/** A door each: a reload can then open and close single addresses. */
export const wantedDoors = (core: CoreConfig): readonly WantedDoor[] => [
  ...core.listen.map((address) => wanted('nginx', address)),
  ...(core.proxy?.listen ?? []).map((address) => wanted('proxy', address, tlsKind(core.proxy))),
  ...(core.operator?.listen ?? []).map((address) => wanted('operator', address)),
];

const wanted = (kind: WantedDoor['kind'], address: ListenAddress, variant = ''): WantedDoor => ({
  kind,
  address,
  key: `${kind} ${listenText(address)} ${variant}`,
});

/** Files may be renewed under an open door; whether it speaks TLS and asks for certificates may not. */
const tlsKind = (proxy: ProxyConfig | undefined): string => {
  if (proxy?.tls === undefined) return 'plain';
  return proxy.tls.clientCa === undefined ? 'tls' : 'tls with client certificates';
};

export const doorRules = ({ nginx }: CoreConfig): DoorRules => ({ allow: nginx.allow, deadlineMs: nginx.deadline });

/** Reads the files anew each time: certificates are renewed. Throws a `DoorError`. */
export const tlsMaterial = (proxy: ProxyConfig | undefined): TlsMaterial | undefined => {
  if (proxy?.tls === undefined) return undefined;
  const { cert, key, clientCa } = proxy.tls;
  return {
    cert: read(cert.absolute),
    key: read(key.absolute),
    ...(clientCa === undefined ? {} : { clientCa: read(clientCa.absolute) }),
  };
};

const read = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new DoorError('bad-tls', `the file ${path} cannot be read (${code})`, 'Mend the path or the permissions.', cause);
  }
};
