import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBackendRouter, fakeServices, parseConfig } from '@postern/testkit';
import { tablePlugin } from '@postern/router-table';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const backends = ['mail-a', 'mail-b'];
const directory = mkdtempSync(join(tmpdir(), 'postern-table-'));

writeFileSync(join(directory, 'homes'), 'ann@example.org mail-a\nexample.net 10.0.0.1:1143\nben mx.example.org\n');
writeFileSync(join(directory, 'broken'), 'ann@example.org\n');

afterAll(() => rmSync(directory, { recursive: true }));

const make = (input: unknown) => tablePlugin.create(parseConfig(tablePlugin, input, { directory, env: {} }), fakeServices({ backends }));
const account = (user: string, attributes = {}) => ({ user, attributes });
const placed = [account('ann@example.org'), account('x@example.net'), account('ben')] as const;
const homeless = account('dora@example.com');

describe('router table, from a map', () => {
  describeBackendRouter(runner, {
    make: () => make({ map: { 'ann@example.org': 'mail-a', 'example.net': '10.0.0.1:1143', ben: 'mx.example.org' } }),
    backends,
    placed,
    homeless,
  });
});

describe('router table, from a file', () => {
  describeBackendRouter(runner, {
    make: () => make({ file: 'homes' }),
    backends,
    placed,
    homeless,
    outage: () => make({ file: 'broken' }),
  });
});

describe('router table, from an attribute', () => {
  describeBackendRouter(runner, {
    make: () => make({ attribute: 'host' }),
    backends,
    placed: [account('ann', { host: 'mail-b' }), account('ben', { host: '[2001:db8::1]:143' })],
    homeless,
  });
});
