import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, type GatewayConfig, type MailListener, type MailProtocol, type ServerRoom } from '@postern/testkit';
import { logIn, untilLetIn } from './log-in.js';
import { ann, bob, nobody, wrong, type Person } from './people.js';
import { Stage, type StagePlan } from './stage.js';
import type { Section, UsualConfig } from './usual-config.js';
import { denied, letIn, mailProtocols, temporary, wrongPassword } from './words.js';

/** A server that a store asks, with `ann` (at mail-a) and `bob` (at mail-b) in it. */
export interface AskedServer {
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export interface StoreSuite {
  readonly name: string;
  /** Starts what the store asks; called once, first of all. */
  readonly open: (room: ServerRoom) => Promise<AskedServer>;
  /** The plugin list, once the server runs. The store that asks it is called `people`. */
  readonly plugins: (usual: UsualConfig) => readonly Section[];
  /** The server is away: what `/readyz` says of `people` then. */
  readonly cause: RegExp;
  /** Further gateways and listeners, and tests of them. */
  readonly more?: StagePlan['more'];
  readonly listeners?: StagePlan['listeners'];
  /** Secrets besides the usual ones that must be in no log. */
  readonly secrets?: readonly string[];
  /** Further tests, on the same servers. */
  readonly also?: (stage: () => Stage, usual: () => UsualConfig) => void;
}

/** Logins that try to be something else, as far as nginx passes them on. */
const hostile: readonly (readonly [what: string, user: string])[] = [
  ['an LDAP filter', '*)(uid=*'],
  ['a star', '*'],
  ['an SQL statement', "' or 1=1 --"],
  ['a backslash before a quote', "\\' or 1=1 -- "],
  ['an inherited name', '__proto__'],
  ['an inherited name with a domain', '__proto__@constructor'],
  ['line breaks', `${ann.user}\r\nAuth-Status: OK`],
  ['a template', '{user}'],
  ['a number of SQL', '0'],
];

const usualListeners: readonly MailListener[] = mailProtocols.map((protocol) =>
  protocol === 'imap'
    ? { protocol }
    : protocol === 'pop3'
      ? { protocol, mechanisms: ['plain'] }
      : { protocol, xclient: false, proxySmtpAuth: true },
);

/** What every store owes to a mail client, through the built gateway and a real nginx. */
export const describeStoreEndToEnd = (suite: StoreSuite): void =>
  describeWithServers({ describe, it }, suite.name, () => {
    let stage: Stage;
    let server: AskedServer;
    let usual: UsualConfig;
    beforeAll(async () => {
      stage = await Stage.open({
        before: async (room) => void (server = await suite.open(room)),
        listeners: (facts) => [...usualListeners, ...(suite.listeners?.(facts) ?? [])],
        config: (given): GatewayConfig => (usual = { ...given, plugins: suite.plugins(given) }),
        ...(suite.more !== undefined && { more: suite.more }),
      });
    }, 90_000);
    afterAll(() => stage.close());

    const heard = async (person: Person, protocol: MailProtocol = 'imap'): Promise<string> =>
      (await logIn(stage, person, { protocol })).answer;

    it.each(mailProtocols)('the right password lands on the right mail server (%s)', async (protocol) => {
      const places = await Promise.all([ann, bob].map((person) => logIn(stage, person, { protocol })));
      expect(places.map(({ place }) => place)).toEqual(['mail-a', 'mail-b']);
    });

    it.each(mailProtocols)('a wrong password and an unknown user hear the same (%s)', async (protocol) => {
      const answers = [await heard(wrong(ann), protocol), await heard(nobody, protocol)];
      for (const answer of answers) expect(answer).toMatch(denied[protocol]);
      expect(new Set(answers).size).toBe(1);
    });

    it.each(hostile)('a login that is %s is denied like any other', async (_, user) => {
      expect(await heard({ user, password: ann.password })).toMatch(denied.imap);
      expect(await heard(ann)).toMatch(letIn);
    });

    it('a login with a NUL byte or of half a mebibyte lets nobody in', async () => {
      for (const user of [`${ann.user}\0`, 'a'.repeat(1 << 19)]) {
        expect(await heard({ user, password: ann.password }).catch(() => 'hung up')).not.toMatch(letIn);
      }
      expect(await heard(ann)).toMatch(letIn);
    });

    const temporaryEverywhere = async (): Promise<void> => {
      for (const protocol of mailProtocols) {
        const answers = await Promise.all([ann, wrong(ann), nobody].map((person) => heard(person, protocol)));
        for (const answer of answers) {
          expect(answer).toMatch(temporary[protocol]);
          expect(answer).not.toMatch(wrongPassword);
        }
      }
    };

    const untilUp = (): Promise<string> => stage.untilInstance('people', (status) => status === 'up');
    const untilNotUp = (): Promise<string> => stage.untilInstance('people', (status) => status !== 'up');

    it('while its server is away every login is a passing problem, `/readyz` says why, and it recovers by itself', async () => {
      const { pid } = stage.gateway;
      await server.stop();
      await temporaryEverywhere();
      expect(await untilNotUp()).toMatch(suite.cause);
      await server.restart();
      expect(await untilLetIn(stage, ann)).toBe('mail-a');
      expect(await untilLetIn(stage, bob)).toBe('mail-b');
      expect(await heard(wrong(ann))).toMatch(denied.imap);
      await untilUp();
      expect(stage.gateway.pid).toBe(pid);
    });

    it('starts without its server, and lets people in once that is there', async () => {
      const { pid } = stage.nginx.process;
      await server.stop();
      await stage.gateway.stop();
      await stage.gateway.start();
      await temporaryEverywhere();
      expect(await untilNotUp()).toMatch(suite.cause);
      await server.restart();
      expect(await untilLetIn(stage, bob)).toBe('mail-b');
      await untilUp();
      expect(stage.nginx.process.pid).toBe(pid);
    });

    suite.also?.(
      () => stage,
      () => usual,
    );

    it('no log held a secret in all of this', () => {
      expect(stage.gateway.output()).toContain(ann.user);
      expect(stage.leaks(suite.secrets)).toEqual([]);
    });
  });
