import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { GatewayLog } from '../src/logging/gateway-log.js';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';
import type { OperatorParts, ReadyReport } from '../src/operator/operator-app.js';
import { OperatorServer } from '../src/operator/operator-server.js';
import { version } from '../src/version.js';
import { CapturedOutput } from './support/captured-output.js';
import { FakeOperations } from './support/fake-operations.js';

const open: OperatorServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(100)));
});

const ready: ReadyReport = { status: 'ready', instances: { people: { status: 'up' } } };

const start = async (
  parts: Partial<OperatorParts> = {},
): Promise<{ readonly url: string; readonly output: CapturedOutput; readonly server: OperatorServer }> => {
  const output = new CapturedOutput();
  const server = new OperatorServer(
    { kind: 'tcp', host: '127.0.0.1', port: 0 },
    {
      readiness: () => Promise.resolve(ready),
      operations: new FakeOperations(),
      metrics: new MetricsRegistry(),
      log: GatewayLog.to(output, 'info'),
      token: () => undefined,
      ...parts,
    },
  );
  await server.open();
  open.push(server);
  return { url: `http://${server.address}`, output, server };
};

describe('the operator’s doors', () => {
  it('says that it lives', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/livez`);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['ready', 200],
    ['degraded', 200],
    ['down', 503],
  ] as const)('answers /readyz for %s with %i and the report', async (status, code) => {
    const report: ReadyReport = { status, instances: { people: { status: 'degraded', note: 'the directory is away' } } };
    const { url } = await start({ readiness: () => Promise.resolve(report) });
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(code);
    expect(await response.json()).toEqual({ ...report, version });
  });

  it.each(['/readyz', '/metrics', '/nothing'])('lets no name be pointed at %s where there is no token', async (path) => {
    const statusFor = (url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request(`${url}${path}`, { headers }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    const expected = path === '/nothing' ? 404 : 200;
    const { url } = await start();
    expect(await statusFor(url, { host: 'rebound.example:9144' })).toBe(403);
    expect(await statusFor(url, { origin: 'https://elsewhere.example' })).toBe(403);
    for (const host of ['localhost:9144', '127.0.0.1', '[::1]:9144']) expect(await statusFor(url, { host })).toBe(expected);
    const { url: guarded } = await start({ token: () => 'secret' });
    expect(await statusFor(guarded, { host: 'gateway.example:9144', authorization: 'Bearer secret' })).toBe(expected);
    expect(await statusFor(guarded, { host: 'gateway.example:9144' })).toBe(401);
  });

  it('lives under any name', async () => {
    const { url } = await start();
    const status = await new Promise((resolve, reject) => {
      request(`${url}/livez`, { headers: { host: 'probe.example' } }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  it('serves metrics in the text format of Prometheus', async () => {
    const metrics = new MetricsRegistry();
    metrics.forInstance('people').counter({ name: 'seen_total', help: 'Seen.' }).inc();
    const { url } = await start({ metrics });
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('postern_seen_total{instance="people"} 1');
  });

  it('rule 70: knows no login: the question of nginx is not found here, whatever it carries', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/auth`, {
      headers: { 'Auth-Method': 'plain', 'Auth-User': 'bob', 'Auth-Pass': 'secret', 'Auth-Protocol': 'imap' },
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('auth-status')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'not found' });
  });

  it.each(['/livez', '/readyz', '/metrics', '/api/v1/bans', '/api/v1/openapi.json'])('%s has one name', async (path) => {
    const { url } = await start();
    const status = async (asked: string, method = 'GET'): Promise<number> => (await fetch(`${url}${asked}`, { method })).status;
    expect(await status(path)).toBe(200);
    for (const other of [`${path}/`, path.toUpperCase(), `/${path}`]) expect([other, await status(other)]).toEqual([other, 404]);
    expect(await status(path, 'PUT')).toBe(405);
  });

  it('what is not there is not found, whatever is to be done to it', async () => {
    const { url } = await start();
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      for (const path of ['/nope', '/', '/api/v1', '/API/v1/bans']) {
        const response = await fetch(`${url}${path}`, { method });
        expect([method, path, response.status]).toEqual([method, path, 404]);
      }
    }
  });

  it('refuses other methods, broken paths and broken HTTP without falling', async () => {
    const { url, server } = await start();
    expect((await fetch(`${url}/livez`, { method: 'POST', body: 'x' })).status).toBe(405);
    expect(await rawStatus(url, '/%ff')).toBe(404);
    await new Promise<void>((resolve) => {
      const port = Number(server.address.split(':').at(-1));
      connect(port, '127.0.0.1')
        .on('close', () => resolve())
        .on('error', () => undefined)
        .resume()
        .end('\u0000\u0001 nonsense\r\n\r\n');
    });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('answers a failing part with 500, logs the cause and tells the caller nothing of it', async () => {
    const { url, output } = await start({ readiness: () => Promise.reject(new Error('the cellar is flooded')) });
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('cellar');
    expect(output.text).toContain('the cellar is flooded');
  });

  it('demands the token for everything but the sign of life', async () => {
    const { url } = await start({ token: () => 's3same' });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    for (const path of ['/readyz', '/metrics', '/other', '/api/v1/openapi.json', '/api/v1/bans']) {
      expect((await fetch(url + path)).status).toBe(401);
      expect((await fetch(url + path, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
      expect((await fetch(url + path, { headers: { authorization: 'Basic s3same' } })).status).toBe(401);
      expect((await fetch(url + path, { headers: { authorization: 'Bearer s3same' } })).status).not.toBe(401);
    }
  });

  it('never takes an empty token for the right one', async () => {
    const { url } = await start({ token: () => 's3same' });
    expect((await fetch(`${url}/readyz`, { headers: { authorization: 'Bearer ' } })).status).toBe(401);
  });

  it('says in one sentence that its port is taken', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    const second = new OperatorServer(
      { kind: 'tcp', host: '127.0.0.1', port },
      {
        readiness: () => Promise.resolve(ready),
        operations: new FakeOperations(),
        metrics: new MetricsRegistry(),
        log: GatewayLog.to(new CapturedOutput(), 'info'),
        token: () => undefined,
      },
    );
    await expect(second.open()).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: another process listens there`);
    await second.close(0);
  });
});

const rawStatus = (url: string, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
