import type { Verdict } from '@postern/contract';
import { attempt, type AttemptParts, fakeServices, type FakeServices, parseConfig, type StoreUnderTest } from '@postern/testkit';
import { passportPlugin } from '../src/index.js';

export const directory = import.meta.dirname;

export const { signal } = new AbortController();

export const make = (
  input: Readonly<Record<string, unknown>>,
  services = fakeServices(),
  env: Readonly<Record<string, string>> = {},
): StoreUnderTest => passportPlugin.create(parseConfig(passportPlugin, input, { directory, env }), services);

export interface Opened {
  readonly store: StoreUnderTest;
  readonly services: FakeServices;
  /** Counted as the host counts it. */
  readonly ask: (parts?: AttemptParts, given?: AbortSignal) => Promise<Verdict>;
}

/** A started store. */
export const open = async (input: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}): Promise<Opened> => {
  const services = fakeServices();
  const store = make(input, services, env);
  await store.start?.(signal);
  const ask: Opened['ask'] = (parts = {}, given = signal) =>
    store.verify(attempt(parts), given).catch((cause: unknown) => ({ kind: 'deferred', cause }));
  return { store, services, ask };
};

interface Request {
  readonly body: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Verbs {
  success(user?: unknown, info?: unknown): void;
  fail(challenge?: unknown, status?: unknown): void;
  redirect(url: string, status?: number): void;
  pass(): void;
  error(cause?: unknown): void;
}

export type Authenticate = (verbs: Verbs, request: Request, login: { readonly user: string; readonly password: string }) => unknown;

/** A strategy of a few lines, as people write them. It fails empty questions, and else does what it is told. */
export const strategyThat = (answer: Authenticate): object => ({
  authenticate(this: Verbs, request: Request) {
    const { username: user, password } = request.body;
    return user === undefined || password === undefined ? this.fail(undefined, 400) : answer(this, request, { user, password });
  },
});
