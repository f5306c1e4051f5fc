import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { describeBackendRouter, fakeServices, parseConfig } from '@postern/testkit';
import { domainPlugin } from '@postern/router-domain';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const backends = ['mail-a', 'mail-b', 'mail-c'];
const routes = { 'example.org': 'mail-a', '*.example.net': 'mail-b', '/^(\\w)\\.example\\.com$/': 'mail-$1' };
const account = (user: string) => ({ user, attributes: {} });

describe.each([
  ['without a default', { routes }],
  ['with a default', { routes, default: 'mail-c' }],
  ['with an expression for everything', { routes: { ...routes, '/^(.*)$/': '$1' } }],
])('router domain, %s', (_, input) => {
  describeBackendRouter(runner, {
    make: () => domainPlugin.create(parseConfig(domainPlugin, input), fakeServices({ backends })),
    backends,
    placed: [account('ann@example.org'), account('ben@a.b.example.net'), account('cleo@c.example.com')],
    ...('default' in input ? {} : { homeless: account('dora') }),
  });
});
