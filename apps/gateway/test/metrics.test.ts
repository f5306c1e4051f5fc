import { describe, expect, it } from '@jest/globals';
import { LoginMetrics } from '../src/metrics/login-metrics.js';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';

describe('metrics', () => {
  it('gives plugins a prefix and the label instance, and the same metric when asked again', async () => {
    const registry = new MetricsRegistry();
    registry
      .forInstance('staff')
      .counter({ name: 'binds_total', help: 'Binds.', labels: ['result'] })
      .inc({ result: 'ok' });
    registry
      .forInstance('staff')
      .counter({ name: 'binds_total', help: 'Binds.', labels: ['result'] })
      .inc({ result: 'ok' }, 2);
    registry
      .forInstance('guests')
      .counter({ name: 'binds_total', help: 'Binds.', labels: ['result'] })
      .inc({ result: 'ok', instance: 'staff' });
    registry.forInstance('staff').gauge({ name: 'pool', help: 'Pool.' }).set(4);
    registry
      .forInstance('staff')
      .histogram({ name: 'lag_seconds', help: 'Lag.', buckets: [0.1, 1] })
      .observe(0.5);
    const text = await registry.read();
    expect(text).toContain('postern_binds_total{result="ok",instance="staff"} 3');
    expect(text).toContain('postern_binds_total{result="ok",instance="guests"} 1');
    expect(text).toContain('postern_pool{instance="staff"} 4');
    expect(text).toContain('postern_lag_seconds_bucket{le="1",instance="staff"} 1');
  });

  it('refuses one name for two different things', () => {
    const metrics = new MetricsRegistry().forInstance('a');
    metrics.counter({ name: 'x', help: 'X.' });
    expect(() => metrics.gauge({ name: 'x', help: 'X.' })).toThrow('the metric postern_x is there already');
    expect(() => metrics.counter({ name: 'x', help: 'X.', labels: ['y'] })).toThrow('already');
  });

  it('keeps two registries apart', async () => {
    const [one, two] = [new MetricsRegistry(), new MetricsRegistry()];
    one.forInstance('a').counter({ name: 'x', help: 'X.' }).inc();
    expect(await two.read()).not.toContain('postern_x');
  });

  it('counts attempts by protocol, mechanism and outcome', async () => {
    const registry = new MetricsRegistry();
    const logins = new LoginMetrics(registry);
    logins.answered('imap', 'plain', 'placed');
    logins.answered('imap', 'plain', 'placed');
    logins.answered(undefined, undefined, 'deferred');
    const text = await registry.read();
    expect(text).toContain('# TYPE postern_attempts_total counter');
    expect(text).toContain('postern_attempts_total{protocol="imap",mechanism="plain",outcome="placed"} 2');
    expect(text).toContain('postern_attempts_total{protocol="unknown",mechanism="unknown",outcome="deferred"} 1');
  });

  it('writes histograms as Prometheus reads them: cumulative, with +Inf, sum and count', async () => {
    const registry = new MetricsRegistry();
    const logins = new LoginMetrics(registry);
    for (const ms of [0.4, 3, 40, 60_000]) logins.instance('staff', 'store', 'accepted', ms);
    const text = await registry.read();
    const at = (le: string): string => `postern_instance_seconds_bucket{le="${le}",instance="staff",role="store",outcome="accepted"}`;
    expect(text).toContain('# TYPE postern_instance_seconds histogram');
    expect(text).toContain(`${at('0.0005')} 1`);
    expect(text).toContain(`${at('0.005')} 2`);
    expect(text).toContain(`${at('10')} 3`);
    expect(text).toContain(`${at('+Inf')} 4`);
    expect(text).toMatch(/postern_instance_seconds_sum\{[^}]*\} 60\.0434/);
    expect(text).toMatch(/postern_instance_seconds_count\{[^}]*\} 4/);
  });

  it('knows what is in flight and what was refused at the doors', async () => {
    const registry = new MetricsRegistry();
    const logins = new LoginMetrics(registry);
    logins.entered('nginx');
    logins.entered('nginx');
    logins.left('nginx');
    logins.refused('nginx', 'peer');
    const text = await registry.read();
    expect(text).toContain('# TYPE postern_in_flight gauge');
    expect(text).toContain('postern_in_flight{door="nginx"} 1');
    expect(text).toContain('postern_in_flight{door="express"} 0');
    expect(text).toContain('postern_requests_refused_total{door="nginx",why="peer"} 1');
  });

  it('escapes label values', async () => {
    const registry = new MetricsRegistry();
    new LoginMetrics(registry).instance('a"b\\c', 'store', 'accepted', 1);
    expect(await registry.read()).toContain('instance="a\\"b\\\\c"');
  });
});
