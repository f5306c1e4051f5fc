import type { Ask, Bans, LoginAttempt, Verdict } from '@postern/contract';
import { attempt, type AttemptParts, fakeServices, type FakeServices, parseConfig } from '@postern/testkit';
import { throttlePlugin } from '../../src/index.js';

export interface RoomParts {
  /** Default: fresh fakes. The same ones: another process of the same deployment. */
  readonly services?: FakeServices;
  /** The store. Default: `ann@example.org`, `bea@example.org` and `cid@example.org` with the password `right`. */
  readonly next?: Ask;
}

export interface Room {
  /** Answers the verdict's kind. */
  readonly login: (parts?: AttemptParts) => Promise<string>;
  readonly ask: (parts?: AttemptParts, signal?: AbortSignal) => Promise<Verdict>;
  readonly rehearse: (parts?: AttemptParts) => Promise<string>;
  /** What reached the store. */
  readonly asked: readonly LoginAttempt[];
  readonly services: FakeServices;
  readonly bans: Bans;
  readonly stop: () => Promise<void>;
}

const { signal } = new AbortController();
/** Each login has its own. */
const fresh = (): AbortSignal => new AbortController().signal;

const users: ReadonlySet<string> = new Set(['ann@example.org', 'bea@example.org', 'cid@example.org']);

export const store: Ask = ({ user, proof }) => {
  if (!users.has(user)) return Promise.resolve({ kind: 'unknown-user' });
  const right = proof.mechanism === 'plain' && proof.password === 'right';
  return Promise.resolve(right ? { kind: 'accepted', account: { user, attributes: {} } } : { kind: 'rejected' });
};

/** A started throttle around a store. */
export const room = async (input: unknown = {}, { services = fakeServices(), next = store }: RoomParts = {}): Promise<Room> => {
  const policy = throttlePlugin.create(parseConfig(throttlePlugin, input), services);
  await policy.start?.(signal);
  const asked: LoginAttempt[] = [];
  const counted: Ask = (login, given) => (asked.push(login), next(login, given));
  const around = policy.around(counted);
  const ask: Room['ask'] = (parts = {}, given = fresh()) => around(attempt(parts), given);
  return {
    ask,
    login: async (parts) => (await ask(parts)).kind,
    rehearse: async (parts = {}) => ((await policy.rehearse?.(counted)(attempt(parts), signal)) ?? { kind: 'none' }).kind,
    asked,
    services,
    bans: policy.bans ?? { list: () => Promise.resolve([]), lift: () => Promise.resolve(false) },
    stop: async () => policy.stop?.(signal),
  };
};

export const from = (ip: string, password: string, user = 'ann@example.org'): AttemptParts => ({ client: { ip }, password, user });

/** `count` different wrong passwords, one after the other; answers the kinds. */
export const guess = async (
  { login }: Pick<Room, 'login'>,
  count: number,
  parts: (index: number) => AttemptParts = () => ({}),
): Promise<string[]> => {
  const kinds: string[] = [];
  for (let index = 0; index < count; index += 1) kinds.push(await login({ password: `wrong-${index}`, ...parts(index) }));
  return kinds;
};

export const times = (count: number, kind: string): string[] => Array.from({ length: count }, () => kind);
