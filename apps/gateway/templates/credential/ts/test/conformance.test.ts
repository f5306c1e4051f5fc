import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { describeCredentialStore, parseConfig } from '@postern/testkit';
import { plugin } from '../src/index.js';
import type { People } from '../src/people.js';
import { Store } from '../src/store.js';

const many = Array.from({ length: 60 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-of-${index}` }));
const known = { user: 'ann@example.org', password: 'Right-for-ann' };
const disabled = { user: 'off@example.org', password: 'Right-but-off' };

const hanging: People = {
  find: (_user, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })),
};
const refusing: People = { find: () => Promise.reject(new Error('connection refused')) };

class NotStarting extends Store {
  override start(): Promise<void> {
    return Promise.reject(new Error('connection refused'));
  }
}

describeCredentialStore(
  { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach },
  {
    name: 'PLUGIN_NAME',
    make: (services) => plugin.create(parseConfig(plugin, { people: [known, { ...disabled, enabled: false }, ...many] }), services),
    known,
    unknown: 'nobody@example.org',
    disabled,
    many,
    hanging: (services) => new Store(hanging, services),
    // Give one for each way in which your directory can be out: refused, broken off, garbage, too slow.
    outages: { 'that refuses connections': (services) => new Store(refusing, services) },
    failingStart: (services) => new NotStarting(refusing, services),
  },
);
