import { fakeServices, LiveClock, parseConfig, type FakeServices, type StoreUnderTest } from '@postern/testkit';
import { ldapPlugin } from '../src/index.js';
import { people, service } from './people.js';

/** `with` for a directory with the people of `people.ts`. */
export const usual = (url: string | readonly string[], more: object = {}): Record<string, unknown> => ({
  url,
  base: people,
  bind: service,
  timeout: '1s',
  connectTimeout: '1s',
  ...more,
});

/** Without a service account. */
export const byTemplate = (url: string | readonly string[], more: object = {}): Record<string, unknown> => ({
  url,
  check: 'template',
  dn: `mail={user},${people}`,
  timeout: '1s',
  connectTimeout: '1s',
  ...more,
});

export const makeStore = (input: unknown, services: FakeServices = liveServices()): StoreUnderTest =>
  ldapPlugin.create(parseConfig(ldapPlugin, input), services);

/** Time passes by itself: the store talks to real sockets. */
export const liveServices = (): FakeServices => fakeServices({ name: 'people', clock: new LiveClock() });
