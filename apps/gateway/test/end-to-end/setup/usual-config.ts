import { freePort, type GatewayConfig } from '@postern/testkit';
import { arno, bela, dora, everybody } from './people.js';
import type { StageServers } from './stage.js';

export type Section = Readonly<Record<string, unknown>>;

/** What suites start from: one store with everybody, and a route for each domain. */
export interface UsualConfig extends GatewayConfig {
  readonly operator: { readonly listen: string };
  readonly nginx: Section;
  readonly backends: Readonly<Record<'mail-a' | 'mail-b', Section>>;
  readonly plugins: readonly Section[];
}

const hashed: ReadonlyMap<string, string> = new Map([
  [arno.user, '{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$gT/IQ4ty18ySfF0KWm3Y9Q$iCPVTIwx4oHXR0e2V60JrHpXKMgghmy6fzDfF7MixSQ'],
  [bela.user, '{BLF-CRYPT}$2y$10$/uR/o5T049FKjwuIS.c1BOGyDMhPYZOjR4LClVfawvFEN4OQb.h5K'],
]);

/** Placed in front of `peopleStore`, which is then asked for those this one does not know. */
export const hashedStore: Section = { use: 'static', as: 'hashed', with: { users: Object.fromEntries(hashed) } };

const users = (): Section =>
  Object.fromEntries(
    everybody
      .filter(({ user }) => !hashed.has(user))
      .map(({ user, password }) => [user, { password: `{PLAIN}${password}`, enabled: user !== dora.user }]),
  );

export const peopleStore: Section = { use: 'static', as: 'people', with: { users: users() } };

export const byDomain = (a: string, b: string): Section => ({
  use: 'domain',
  with: { routes: { 'a.example.org': a, 'b.example.org': b } },
});

/** Each call has doors of its own. */
export const usualConfig = async ({ a, b, smtp }: StageServers): Promise<UsualConfig> => ({
  listen: `127.0.0.1:${String(await freePort())}`,
  operator: { listen: `127.0.0.1:${String(await freePort())}` },
  log: { level: 'trace' },
  // A denial closes the connection at once. The usual ladder would make every wrong password cost a test a second.
  nginx: { key: { env: 'POSTERN_KEY' }, attempts: { cap: 1 } },
  health: { every: '200ms', timeout: '1s', rise: 1, fall: 2 },
  backends: {
    'mail-a': { host: a.host, imap: a.ports.imap, pop3: a.ports.pop3, smtp: smtp?.a.port ?? a.ports.smtp },
    'mail-b': { host: b.host, imap: b.ports.imap, pop3: b.ports.pop3, smtp: smtp?.b.port ?? b.ports.smtp },
  },
  plugins: [peopleStore, byDomain('mail-a', 'mail-b')],
});
