import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { describeBackendRouter, fakeServices, parseConfig } from '@postern/testkit';
import { hashPlugin } from '@postern/router-hash';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const backends = ['mail-a', 'mail-b', 'mail-c'];
const anna = { user: 'anna@example.org', attributes: { site: 'north' } };

describe.each([
  ['pinned', { over: backends }],
  ['by attribute, next when down', { over: backends, key: '{attributes.site}', whenDown: 'next' }],
])('router hash, %s', (_, input) => {
  describeBackendRouter(runner, {
    make: () => hashPlugin.create(parseConfig(hashPlugin, input), fakeServices({ backends })),
    backends,
    placed: [anna, { user: 'ben', attributes: { site: '__proto__' } }],
    ...('key' in input ? { homeless: { user: 'cleo', attributes: {} } } : {}),
  });
});
