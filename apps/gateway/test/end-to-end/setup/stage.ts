import {
  CertificateAuthority,
  Gateway,
  ServerRoom,
  startDovecot,
  startNginx,
  TinyBackend,
  type Dovecot,
  type Endpoint,
  type GatewayConfig,
  type MailListener,
  type Nginx,
} from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { everybody, masterUser, sharedKey } from './people.js';
import { PythonClients } from './python-client.js';
import { leaks } from './secrets.js';
import { usualConfig, type UsualConfig } from './usual-config.js';

const script = fileURLToPath(new URL('../../../bin/postern.js', import.meta.url));

/** What listeners of nginx may need to know. */
export interface StageFacts {
  /** Signed the server's certificate, and signs those of clients. */
  readonly authority: CertificateAuthority;
  /** The door of a gateway named in `more`. */
  readonly door: (gateway: string) => Endpoint;
}

type Configure = (usual: UsualConfig, room: ServerRoom) => GatewayConfig;

/** What one suite wants. The backends are always two Dovecots, mail-a and mail-b, that hold the same people. */
export interface StagePlan {
  /** Starts what the config will name. */
  readonly before?: (room: ServerRoom) => Promise<void>;
  readonly listeners: (facts: StageFacts) => readonly MailListener[];
  /** Changes the usual config. */
  readonly config?: Configure;
  /** Further gateways, by name. */
  readonly more?: Readonly<Record<string, Configure>>;
  /** Clients hear a backend's own words. */
  readonly passErrorMessage?: boolean;
  /** Tiny backends stand in for the Dovecots' submission services: for XCLIENT, and for mail without a login. */
  readonly tinySmtp?: boolean;
}

export interface Readiness {
  readonly status: string;
  readonly instances: Readonly<Record<string, { readonly status: string; readonly note?: string }>>;
}

export interface StageServers {
  readonly room: ServerRoom;
  readonly authority: CertificateAuthority;
  readonly a: Dovecot;
  readonly b: Dovecot;
  /** Where mail that was accepted for sending ends up. */
  readonly relay: TinyBackend;
  /** The SMTP side of the backends, with `tinySmtp`. */
  readonly smtp: { readonly a: TinyBackend; readonly b: TinyBackend } | undefined;
}

/** Two mail servers, nginx, the real gateway and clients: what a suite plays on. Closing it leaves nothing. */
export class Stage {
  readonly servers: StageServers;
  readonly python: PythonClients;
  readonly gateway: Gateway;
  readonly nginx: Nginx;
  readonly #configs: ReadonlyMap<string, GatewayConfig>;
  readonly #gateways: ReadonlyMap<string, Gateway>;

  private constructor(
    servers: StageServers,
    configs: ReadonlyMap<string, GatewayConfig>,
    gateways: ReadonlyMap<string, Gateway>,
    nginx: Nginx,
  ) {
    this.servers = servers;
    this.python = new PythonClients(servers.room);
    this.#configs = configs;
    this.#gateways = gateways;
    this.gateway = this.named('gateway');
    this.nginx = nginx;
  }

  static async open(plan: StagePlan): Promise<Stage> {
    const room = await ServerRoom.open();
    try {
      const [servers] = await Promise.all([startServers(room, plan), plan.before?.(room)]);
      const configs = await allConfigs(servers, plan);
      const gateways = await startGateways(room, configs);
      const nginx = await startFront(servers, gateways, plan);
      return new Stage(servers, configs, gateways, nginx);
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  named(gateway: string): Gateway {
    const found = this.#gateways.get(gateway);
    if (found === undefined) throw new Error(`no gateway is called ${gateway}`);
    return found;
  }

  /** Where nginx listens. */
  endpoint(listener: string): { readonly host: string; readonly port: number } {
    return this.nginx.endpoint(listener);
  }

  /** Waits until a gateway's metrics say so for every protocol. `up`: the backend answers. */
  async untilBackend(backend: string, up: boolean, gateway = 'gateway'): Promise<void> {
    const { operator } = (this.#configs.get(gateway) ?? {}) as Partial<UsualConfig>;
    const lines = ['imap', 'pop3', 'smtp'].map(
      (protocol) => new RegExp(`^postern_backend_up\\{(?=[^}]*"${backend}")(?=[^}]*"${protocol}")[^}]*\\} ${up ? '1' : '0'}$`, 'mu'),
    );
    for (;;) {
      const answer = await fetch(`http://${operator?.listen ?? ''}/metrics`);
      const text = await answer.text();
      if (lines.every((line) => line.test(text))) return;
      await pause(50);
    }
  }

  /** What a gateway's `/readyz` says. */
  async readiness(gateway = 'gateway'): Promise<Readiness> {
    const { operator } = (this.#configs.get(gateway) ?? {}) as Partial<UsualConfig>;
    const answer = await fetch(`http://${operator?.listen ?? ''}/readyz`);
    return (await answer.json()) as Readiness;
  }

  /** Waits until `/readyz` says of an instance what `says` wants; gives its note. */
  async untilInstance(name: string, says: (status: string) => boolean, gateway = 'gateway'): Promise<string> {
    for (;;) {
      const { status = '', note = '' } = (await this.readiness(gateway)).instances[name] ?? {};
      if (says(status)) return note;
      await pause(100);
    }
  }

  /** Lines of all gateways' logs that hold a secret. */
  leaks(digests: readonly string[] = []): readonly string[] {
    return [...this.#gateways.values()].flatMap((gateway) => leaks(gateway.output(), digests));
  }

  close(): Promise<void> {
    return this.servers.room.close();
  }
}

const startServers = async (room: ServerRoom, plan: StagePlan): Promise<StageServers> => {
  const relay = await TinyBackend.start(room, { protocol: 'smtp', name: 'relay' });
  const [authority, a, b] = await Promise.all([
    CertificateAuthority.create(room),
    mailServer(room, 'mail-a', relay, plan),
    mailServer(room, 'mail-b', relay, plan),
  ]);
  if (plan.tinySmtp !== true) return { room, authority, a, b, relay, smtp: undefined };
  const smtp = {
    a: await TinyBackend.start(room, { protocol: 'smtp', name: 'mail-a' }),
    b: await TinyBackend.start(room, { protocol: 'smtp', name: 'mail-b' }),
  };
  return { room, authority, a, b, relay, smtp };
};

const mailServer = (room: ServerRoom, name: string, relay: TinyBackend, plan: StagePlan): Promise<Dovecot> =>
  startDovecot(room, {
    name,
    users: everybody.map(({ user, password }) => ({ name: user, password })),
    master: masterUser,
    relay,
    protocols: plan.tinySmtp === true ? ['imap', 'pop3'] : ['imap', 'pop3', 'smtp'],
  });

const allConfigs = async (servers: StageServers, plan: StagePlan): Promise<ReadonlyMap<string, GatewayConfig>> => {
  const same: Configure = (usual) => usual;
  const wanted = Object.entries({ gateway: plan.config ?? same, ...plan.more });
  const configs = new Map<string, GatewayConfig>();
  for (const [name, configure] of wanted) configs.set(name, configure(await usualConfig(servers), servers.room));
  return configs;
};

const startGateways = async (room: ServerRoom, configs: ReadonlyMap<string, GatewayConfig>): Promise<ReadonlyMap<string, Gateway>> => {
  const env = { POSTERN_KEY: sharedKey, MASTER: masterUser.password };
  const started = [...configs].map(async ([name, config]) => [name, await Gateway.start(room, { script, name, config, env })] as const);
  return new Map(await Promise.all(started));
};

const startFront = async (servers: StageServers, gateways: ReadonlyMap<string, Gateway>, plan: StagePlan): Promise<Nginx> => {
  const door = (name: string): Endpoint => {
    const gateway = gateways.get(name);
    if (gateway === undefined) throw new Error(`no gateway is called ${name}`);
    return gateway.door;
  };
  return startNginx(servers.room, {
    authHttp: door('gateway'),
    headers: { 'X-Auth-Key': sharedKey },
    certificate: await servers.authority.server(),
    passErrorMessage: plan.passErrorMessage ?? false,
    listeners: plan.listeners({ authority: servers.authority, door }),
  });
};
