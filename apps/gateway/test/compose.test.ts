import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { FakeBackends, FakeRoutes, FakeStores, SteppableClock } from '@postern/testkit';
import { compose, override, tokens, type Composition } from '../src/compose.js';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';
import { CapturedOutput } from './support/captured-output.js';

const composed = (output = new CapturedOutput()): Composition => compose({ logStream: output, logLevel: 'info' });

const wanted = (name: string, backends = new FakeBackends([]), routes = new FakeRoutes()) =>
  ({ name, use: 'static', role: 'credential-store', backends, routes, stores: new FakeStores() }) as const;

describe('the composition', () => {
  it('gives two instances two tags, two corners of the state and one clock', async () => {
    const output = new CapturedOutput();
    const composition = composed(output);
    const backends = new FakeBackends([]);
    const staff = composition.makeServices(wanted('staff', backends));
    const guests = composition.makeServices(wanted('guests', backends));
    staff.log.info('here');
    guests.log.info('there');
    composition.log.info('everywhere');
    expect(output.records).toMatchObject([
      { instance: 'staff', role: 'credential-store', msg: 'here' },
      { instance: 'guests', role: 'credential-store', msg: 'there' },
      { msg: 'everywhere' },
    ]);
    expect(output.records[2]).not.toHaveProperty('instance');
    expect(staff.clock).toBe(guests.clock);
    expect(staff.clock).toBe(composition.clock);
    await staff.shared.set('tries', '1', 60_000);
    expect(await guests.shared.get('tries')).toBeUndefined();
    expect([staff.name, guests.name]).toEqual(['staff', 'guests']);
    expect([staff.backends, guests.backends]).toEqual([backends, backends]);
  });

  it('labels the metrics of each instance with its name', async () => {
    const composition = composed();
    composition.makeServices(wanted('staff')).metrics.counter({ name: 'binds_total', help: 'Binds.' }).inc();
    composition.makeServices(wanted('guests')).metrics.counter({ name: 'binds_total', help: 'Binds.' }).inc();
    const text = await composition.metrics.read();
    expect(text).toContain('postern_binds_total{instance="staff"} 1');
    expect(text).toContain('postern_binds_total{instance="guests"} 1');
  });

  it('gives the instances of a new generation its own backends, and the state of the old ones', async () => {
    const composition = composed();
    const [before, after] = [new FakeBackends([]), new FakeBackends([])];
    const old = composition.makeServices(wanted('staff', before));
    const fresh = composition.makeServices(wanted('staff', after));
    expect(old.backends).toBe(before);
    expect(fresh.backends).toBe(after);
    await old.shared.set('tries', '3', 60_000);
    expect(await fresh.shared.get('tries')).toBe('3');
  });

  it('shares nothing between two gateways in one process', async () => {
    const [one, two] = [composed(), composed()];
    await one.makeServices(wanted('staff')).shared.set('a', '1', 60_000);
    expect(await two.makeServices(wanted('staff')).shared.get('a')).toBeUndefined();
    expect(one.metrics).not.toBe(two.metrics);
  });

  it('lets a test replace parts, for everybody', () => {
    const clock = new SteppableClock();
    const metrics = new MetricsRegistry();
    const composition = compose({
      logStream: new CapturedOutput(),
      logLevel: 'info',
      overrides: [override(tokens.clock, clock), override(tokens.metrics, metrics)],
    });
    expect(composition.clock).toBe(clock);
    expect(composition.metrics).toBe(metrics);
    expect(composition.makeServices(wanted('staff')).clock).toBe(clock);
  });
});
