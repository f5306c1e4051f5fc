import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { describeCredentialStore, parseConfig } from '@postern/testkit';
import { plugin, storeOf } from '../src/index.js';

const many = Array.from({ length: 60 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-of-${index}` }));
const known = { user: 'ann@example.org', password: 'Right-for-ann' };
const disabled = { user: 'off@example.org', password: 'Right-but-off' };

const hangs = (_user, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
const refuses = () => Promise.reject(new Error('connection refused'));

describeCredentialStore(
  { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach },
  {
    name: 'PLUGIN_NAME',
    make: (services) => plugin.create(parseConfig(plugin, { people: [known, { ...disabled, enabled: false }, ...many] }), services),
    known,
    unknown: 'nobody@example.org',
    disabled,
    many,
    hanging: () => storeOf(hangs),
    // Give one for each way in which your directory can be out: refused, broken off, garbage, too slow.
    outages: { 'that refuses connections': () => storeOf(refuses) },
    failingStart: () => ({ ...storeOf(refuses), start: refuses }),
  },
);
