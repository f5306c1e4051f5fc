import { describe, expect, it } from '@jest/globals';
import type { Role } from '@postern/contract';
import type { BackendStatus, PortHealth } from '@postern/kernel';
import { guarded, readinessOf } from '../../src/boot/readiness.js';

const instance = (role: Role, status: 'up' | 'degraded' | 'down', name: string = role) => ({ name, role, status });
const backend = (
  imap: PortHealth,
  pop3: PortHealth = imap,
  smtp: PortHealth = imap,
  state: BackendStatus['state'] = 'up',
): BackendStatus => ({
  ...{ name: 'mail-a', host: 'a', weight: 1, state },
  ports: { imap: { port: 143, health: imap }, pop3: { port: 110, health: pop3 }, smtp: { port: 25, health: smtp } },
});
const store = instance('credential-store', 'up');
const router = instance('backend-router', 'up');

describe('readiness', () => {
  it.each([
    ['ready', 'everything is up', [store, router], [backend('up')]],
    ['ready', 'a backend does not speak every protocol', [store, router], [backend('up', 'suspect', 'suspect')]],
    ['ready', 'nothing was checked yet', [store, router], [backend('unchecked')]],
    ['ready', 'the operator took a backend down', [store, router], [backend('unchecked', 'unchecked', 'unchecked', 'down')]],
    ['degraded', 'a backend answers on no protocol', [store, router], [backend('down', 'suspect', 'down')]],
    ['degraded', 'one of two stores is down', [store, instance('credential-store', 'down', 'other'), router], []],
    ['degraded', 'a policy is down', [store, router, instance('policy', 'down')], []],
    ['degraded', 'the only store is degraded', [instance('credential-store', 'degraded'), router], []],
    ['down', 'no store can answer', [instance('credential-store', 'down'), router], []],
    [
      'down',
      'the only store that can answers nobody',
      [{ ...store, shadow: true }, instance('credential-store', 'down', 'other'), router],
      [],
    ],
    ['degraded', 'a shadow is down', [store, { ...instance('credential-store', 'down', 'other'), shadow: true }, router], []],
    ['down', 'no router can', [store, instance('backend-router', 'down')], []],
    ['down', 'there is nothing', [], []],
  ] as const)('is %s when %s', (status, _, instances, backends) => {
    expect(readinessOf(instances, backends).status).toBe(status);
  });

  it('tells each instance with its note and each backend per protocol', () => {
    expect(readinessOf([{ ...store, status: 'degraded', note: 'slow' }, router], [backend('up', 'down', 'suspect')])).toEqual({
      status: 'degraded',
      instances: { 'credential-store': { status: 'degraded', note: 'slow' }, 'backend-router': { status: 'up' } },
      backends: { 'mail-a': { state: 'up', health: { imap: 'up', pop3: 'down', smtp: 'suspect' } } },
    });
  });
});

describe('a store that is not asked', () => {
  const held = { name: 'credential-store', circuit: 'open', asking: 0, waiting: 0, note: 'not asked since noon' } as const;

  it('is degraded although it calls itself up, and the note says why', () => {
    const statuses = guarded([store, router], [held]);
    expect(readinessOf(statuses, [])).toMatchObject({
      status: 'degraded',
      instances: { 'credential-store': { status: 'degraded', note: 'not asked since noon' }, 'backend-router': { status: 'up' } },
    });
  });

  it('that says itself what is wrong keeps its own words', () => {
    const down = { ...instance('credential-store', 'down'), note: 'no route to host' };
    expect(guarded([down], [held])).toEqual([down]);
  });
});
