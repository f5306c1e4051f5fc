import { mkdir, writeFile } from 'node:fs/promises';
import { freePort, type Endpoint } from './endpoint.js';
import { listenerName, nginxConfig, type NginxOptions } from './nginx-config.js';
import { findRequirement, requireProgram, requirements } from './requirements.js';
import { withFreshPorts } from './retry-ports.js';
import { ServerProcess } from './server-process.js';
import type { ServerRoom } from './server-room.js';

/** A running nginx with its mail proxy. */
export interface Nginx {
  readonly process: ServerProcess;
  readonly configPath: string;
  readonly configText: string;
  /** Where a listener is to be reached, by its name (or its protocol, where it has none). */
  endpoint(listener: string): { readonly host: string; readonly port: number };
}

const mailModule = (): string => {
  const requirement = requirements().find((each) => each.package === 'libnginx-mod-mail');
  const path = requirement === undefined ? undefined : findRequirement(requirement);
  if (path === undefined) throw new Error("nginx's mail module is not installed (Debian package libnginx-mod-mail)");
  return path;
};

const choosePorts = async (options: NginxOptions): Promise<ReadonlyMap<string, { readonly host: string; readonly port: number }>> => {
  const ports = new Map<string, { readonly host: string; readonly port: number }>();
  for (const listener of options.listeners) {
    const name = listenerName(listener);
    if (ports.has(name)) throw new Error(`two listeners are called ${name}: give one a name`);
    ports.set(name, { host: listener.address ?? '127.0.0.1', port: await freePort() });
  }
  return ports;
};

const attempt = async (room: ServerRoom, options: NginxOptions, name: string): Promise<Nginx> => {
  const folder = room.path(name);
  await mkdir(folder, { recursive: true });
  const ports = await choosePorts(options);
  const endpoint = (listener: string): { readonly host: string; readonly port: number } => {
    const found = ports.get(listener);
    if (found === undefined) throw new Error(`${name} has no listener called ${listener}`);
    return found;
  };
  const configText = nginxConfig(options, {
    module: mailModule(),
    folder,
    root: process.getuid?.() === 0,
    portOf: (listener) => endpoint(listenerName(listener)).port,
  });
  const configPath = `${folder}/nginx.conf`;
  await writeFile(configPath, configText);
  const started = ServerProcess.start(room, {
    name,
    command: requireProgram('nginx'),
    // Without -e, nginx first tries the log file it was compiled with, which a plain user may not open.
    args: ['-e', 'stderr', '-p', folder, '-c', configPath],
  });
  const targets: readonly Endpoint[] = [...ports.values()];
  for (const target of targets) await started.untilAccepts(target);
  return { process: started, configPath, configText, endpoint };
};

/** Starts nginx on free ports and waits until every listener accepts. It ends with the room. */
export const startNginx = (room: ServerRoom, options: NginxOptions): Promise<Nginx> =>
  withFreshPorts(() => attempt(room, options, options.name ?? 'nginx'));
