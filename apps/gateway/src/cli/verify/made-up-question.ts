import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import type { BackendRouter, CredentialStore, Lifecycle, LoginAttempt, Policy, Role, Verdict } from '@postern/contract';
import { causeText, soundRouting, soundVerdict, type Sound } from '@postern/kernel';
import { broken, ok, type Ending } from './stepper.js';

export type Instance = (CredentialStore | BackendRouter | Policy) & Lifecycle;

/** Nobody has this name: `invalid` is no domain (RFC 2606). */
const user = 'postern-verify@nobody.invalid';

/** Puts one made-up login to an instance, as the gateway would, and looks at the answer. */
export const askMadeUp = async (role: Role, instance: Instance, signal: AbortSignal): Promise<Ending> => {
  const ending = await askRole(role, instance, signal);
  const left = getEventListeners(signal, 'abort').length;
  if (ending.outcome === 'broken' || left === 0) return ending;
  return broken(
    `it left ${left} listener${left === 1 ? '' : 's'} on the signal of a login that was answered`,
    'Take them off when the answer is there: logins share signals.',
  );
};

const askRole = (role: Role, instance: Instance, signal: AbortSignal): Promise<Ending> => {
  switch (role) {
    case 'credential-store':
      return askStore(instance as CredentialStore, signal);
    case 'backend-router':
      return askRouter(instance as BackendRouter, signal);
    case 'policy':
      return askPolicy(instance as Policy, signal);
  }
};

const askStore = async (store: CredentialStore, signal: AbortSignal): Promise<Ending> => {
  const answer = soundVerdict(await store.verify(madeUp(), signal));
  if (answer.kind === 'nonsense') return nonsense(answer, 'a verdict');
  const { value: verdict } = answer;
  if (verdict.kind === 'accepted') return broken('it let a made-up user in with a made-up password', 'Nobody may get in by accident.');
  if (verdict.kind === 'deferred') {
    return broken(`it cannot tell: ${causeText(verdict.cause)}`, 'Is what it asks running, and are its options right?');
  }
  return ok(`a made-up login is ${verdict.kind}`);
};

const askRouter = async (router: BackendRouter, signal: AbortSignal): Promise<Ending> => {
  const answer = soundRouting(await router.locate({ user, attributes: {} }, madeUp(), signal));
  if (answer.kind === 'nonsense') return nonsense(answer, 'a routing');
  const { value: routing } = answer;
  if (routing.kind === 'deferred') {
    return broken(`it cannot tell: ${causeText(routing.cause)}`, 'Is what it asks running, and are its options right?');
  }
  return ok(`a made-up account is ${routing.kind}`);
};

const askPolicy = async (policy: Policy, signal: AbortSignal): Promise<Ending> => {
  let asked = 0;
  const next = (): Promise<Verdict> => {
    asked += 1;
    return Promise.resolve({ kind: 'rejected' });
  };
  const answer = soundVerdict(await policy.around(next)(madeUp(), signal));
  if (answer.kind === 'nonsense') return nonsense(answer, 'a verdict');
  if (asked > 1) return broken(`it asked further in ${asked} times for one login`, 'A second question is a second wrong password.');
  if (answer.value.kind === 'accepted') return broken('it let in whom the stores rejected', 'A policy may refuse, and never let in.');
  return ok(`a rejected login stays ${answer.value.kind}`);
};

const nonsense = ({ why }: Extract<Sound<unknown>, { kind: 'nonsense' }>, what: string): Ending =>
  broken(`its answer is not ${what} of the contract: ${why}`, 'See docs/plugins.md for the answers of each role.');

const madeUp = (): LoginAttempt => {
  const password = randomUUID();
  return {
    id: 'verify',
    user,
    rawUser: user,
    proof: { mechanism: 'plain', password, bytes: Buffer.from(password) },
    protocol: 'imap',
    client: { ip: '192.0.2.7' },
    ordinal: 1,
  };
};
