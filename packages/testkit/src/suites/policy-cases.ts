import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { setImmediate } from 'node:timers/promises';
import type { Ask, LoginAttempt, Verdict } from '@postern/contract';
import { attempt } from '../fakes/attempt.js';
import { fakeServices, type FakeServices } from '../fakes/fake-services.js';
import type { PolicySetup } from './policy.js';
import { soon } from './store-cases/opened-store.js';

export type PolicyCaseId = 'passes' | 'untouched' | 'deferred' | 'throwing' | 'signal' | 'concurrent' | 'discreet' | 'stop';

export interface PolicyCase {
  readonly id: PolicyCaseId;
  readonly title: string;
  readonly run: (setup: PolicySetup) => Promise<void>;
}

const canary = 'canary-password-7f3a';
const signal = new AbortController().signal;

const verdicts: readonly Verdict[] = [
  { kind: 'accepted', account: { user: 'ann@example.org', attributes: { host: 'mail-a' } } },
  { kind: 'rejected' },
  { kind: 'unknown-user' },
  { kind: 'refused', why: 'disabled', proofHeld: true },
  { kind: 'refused', why: 'locked', proofHeld: false },
  { kind: 'refused', why: 'disabled', proofHeld: false, afterOutage: true },
  { kind: 'limited', retryAfterMs: 5000 },
  { kind: 'unsupported' },
];

/** A fresh policy around `next`, started; stopped when the body is done. */
const around = async (
  setup: PolicySetup,
  next: Ask,
  body: (ask: Ask, login: LoginAttempt, services: FakeServices) => Promise<void>,
): Promise<void> => {
  const services = setup.services?.() ?? fakeServices();
  const policy = await setup.make(services);
  await policy.start?.(signal);
  try {
    await body(policy.around(next), setup.passing?.() ?? attempt(), services);
  } finally {
    await policy.stop?.(signal);
  }
};

/** As the host counts it. */
const outcome = async (asked: () => Promise<Verdict>): Promise<Verdict> => {
  try {
    return await asked();
  } catch (cause) {
    return { kind: 'deferred', cause };
  }
};

export const policyCases: readonly PolicyCase[] = [
  {
    id: 'passes',
    title: 'asks further in once for a login that it lets pass, with the attempt as it is',
    run: async (setup) => {
      const asked: LoginAttempt[] = [];
      const next: Ask = (login) => (asked.push(login), Promise.resolve({ kind: 'rejected' }));
      await around(setup, next, async (ask, login) => {
        await ask(Object.freeze(login), signal);
        assert.equal(asked.length, 1, 'it did not ask exactly once');
        // A policy that counts what reaches the stores has a word of its own to add.
        assert.deepEqual({ ...asked[0], mayTry: login.mayTry }, { ...login, mayTry: login.mayTry });
      });
    },
  },
  {
    id: 'untouched',
    title: 'gives back untouched what it does not own',
    run: async (setup) => {
      for (const verdict of verdicts) {
        const next: Ask = () => Promise.resolve(verdict);
        await around(setup, next, async (ask, login) => {
          assert.deepEqual(await ask(login, signal), verdict);
        });
      }
    },
  },
  {
    id: 'deferred',
    title: 'never makes anything else of deferred, however often it comes',
    run: async (setup) => {
      const next: Ask = () => Promise.resolve({ kind: 'deferred', cause: new Error('the directory is down') });
      await around(setup, next, async (ask, login) => {
        for (let time = 0; time < 3; time += 1) {
          const { kind } = await outcome(() => ask({ ...login, id: `${login.id}-${time}` }, signal));
          assert.ok(kind === 'deferred' || kind === 'limited', `deferred became ${kind}`);
        }
      });
    },
  },
  {
    id: 'throwing',
    title: 'makes no "no" of an error from further in, thrown at once or later, and asks no second time',
    run: async (setup) => {
      const throwers: readonly Ask[] = [
        () => Promise.reject(new Error('a bug')),
        () => {
          throw new Error('a bug');
        },
      ];
      for (const thrower of throwers) {
        let asked = 0;
        const next: Ask = (login, given) => ((asked += 1), thrower(login, given));
        await around(setup, next, async (ask, login) => {
          assert.equal((await outcome(() => ask(login, signal))).kind, 'deferred');
          assert.equal(asked, 1, `it asked ${asked} times`);
        });
      }
    },
  },
  {
    id: 'signal',
    title: 'passes the signal on, and ends when a login that hangs further in is given up',
    run: async (setup) => {
      const next: Ask = (_, given) =>
        new Promise((__, reject) => {
          given.addEventListener('abort', () => {
            reject(given.reason as Error);
          });
        });
      await around(setup, next, async (ask, login) => {
        const abort = new AbortController();
        const asked = outcome(() => ask(login, abort.signal));
        await setImmediate();
        abort.abort(new Error('given up'));
        assert.equal((await soon(asked, 'the login')).kind, 'deferred');
      });
    },
  },
  {
    id: 'concurrent',
    title: 'gives each of many logins at once its own answer',
    run: async (setup) => {
      const next: Ask = async (login) => {
        await setImmediate();
        return { kind: 'accepted', account: { user: login.user, attributes: {} } };
      };
      await around(setup, next, async (ask, login) => {
        const users = Array.from({ length: 50 }, (_, index) => `user-${index}@example.org`);
        const logins = users.map((user, index) => ({
          ...login,
          id: `at-once-${index}`,
          user,
          rawUser: user,
          client: { ip: `198.51.100.${index}` },
        }));
        const answers = await Promise.all(logins.map((one) => outcome(() => ask(one, signal))));
        for (const [index, verdict] of answers.entries()) {
          if (verdict.kind === 'limited') continue;
          assert.equal(verdict.kind === 'accepted' ? verdict.account.user : verdict.kind, users[index]);
        }
      });
    },
  },
  {
    id: 'discreet',
    title: 'puts no password into logs, metrics or shared keys',
    run: async (setup) => {
      for (const verdict of verdicts) {
        const next: Ask = () => Promise.resolve(verdict);
        await around(setup, next, async (ask, login, services) => {
          const { proof } = attempt({ password: canary });
          await ask({ ...login, proof }, signal);
          const stored = await Promise.all(services.shared.keys.map((key) => services.shared.get(key)));
          const said = inspect([services.log.text(), services.metrics.text(), services.shared.keys, stored], { maxStringLength: null });
          assert.ok(!said.includes(canary), 'the password stands in logs, metrics or shared state');
        });
      }
    },
  },
  {
    id: 'stop',
    title: 'stops without having been started, and twice',
    run: async (setup) => {
      const policy = await setup.make(setup.services?.() ?? fakeServices());
      await policy.stop?.(signal);
      await policy.start?.(signal);
      await policy.stop?.(signal);
      await policy.stop?.(signal);
    },
  },
];
