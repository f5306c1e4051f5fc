import { ServerRoom, type Gateway, type Nginx } from '@postern/testkit';
import { askDoor, askNginx } from './clients.js';
import type { Addresses, Answer, Login } from './login.js';
import { buildSite, type SiteOptions, type SiteParts } from './site-parts.js';
import type { Victim } from './victim.js';

/** Everything the gateway talks to, and what can be broken of it. Closing it leaves nothing. */
export class Site {
  readonly room: ServerRoom;
  readonly gateway: Gateway;
  readonly victims: readonly Victim[];
  readonly changePassword: SiteParts['changePassword'];
  readonly #operator: string;
  readonly #nginx: Nginx;
  readonly #addresses: Addresses;

  private constructor(parts: SiteParts) {
    this.room = parts.room;
    this.gateway = parts.gateway;
    this.victims = parts.victims;
    this.changePassword = parts.changePassword;
    this.#operator = parts.operator;
    this.#nginx = parts.nginx;
    this.#addresses = parts.addresses;
  }

  static async open(options: SiteOptions): Promise<Site> {
    const room = await ServerRoom.open();
    try {
      return new Site(await buildSite(room, options));
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** Never rejects; `patienceMs` without an answer is silence. */
  ask(login: Login, patienceMs: number): Promise<Answer> {
    return login.way === 'door'
      ? askDoor(this.gateway.door, login, this.#addresses, patienceMs)
      : askNginx(this.#nginx.endpoint('imap'), login, patienceMs);
  }

  /** Why the gateway does not call itself ready; undefined when it does. */
  async unready(): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://${this.#operator}/readyz`, { signal: AbortSignal.timeout(2000) });
      const { status, ...rest } = (await answer.json()) as { readonly status?: unknown };
      return status === 'ready' ? undefined : JSON.stringify(rest);
    } catch {
      return 'its operator’s door does not answer';
    }
  }

  close(): Promise<void> {
    return this.room.close();
  }
}
