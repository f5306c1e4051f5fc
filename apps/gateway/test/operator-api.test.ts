import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayLog } from '../src/logging/gateway-log.js';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';
import { openApi } from '../src/operator/open-api.js';
import { OperatorServer } from '../src/operator/operator-server.js';
import { CapturedOutput } from './support/captured-output.js';
import { FakeOperations } from './support/fake-operations.js';

const canary = 't0ken-c4n4ry';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly json: unknown;
}

describe('the operator’s API', () => {
  let operations: FakeOperations;
  let output: CapturedOutput;
  let server: OperatorServer;
  let token: string | undefined;

  beforeEach(async () => {
    operations = new FakeOperations();
    output = new CapturedOutput();
    token = undefined;
    server = new OperatorServer(
      { kind: 'tcp', host: '127.0.0.1', port: 0 },
      {
        operations,
        readiness: () => Promise.resolve({ status: 'ready', instances: {} }),
        metrics: new MetricsRegistry(),
        log: GatewayLog.to(output, 'info'),
        token: () => token,
      },
    );
    await server.open();
  });
  afterEach(() => server.close(100));

  const askAt = (method: string, path: string, body?: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent = request(`http://${server.address}${path}`, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            json: /^application.json/.test(response.headers['content-type'] ?? '') && text !== '' ? JSON.parse(text) : undefined,
          });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });

  const ask = (method: string, path: string, body?: string, headers?: Readonly<Record<string, string>>): Promise<Reply> =>
    askAt(method, `/api/v1${path}`, body, headers);

  const flush = (body: unknown, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }): Promise<Reply> =>
    ask('POST', '/cache/flush', typeof body === 'string' ? body : JSON.stringify(body), headers);

  it.each([{ user: 'Anna@Example.org' }, { domain: 'example.org' }, { all: true }])('flushes %j and writes who did it', async (wish) => {
    expect(await flush(wish, { 'content-type': 'application/json; charset=utf-8' })).toMatchObject({
      status: 200,
      json: { flushed: wish },
    });
    expect(operations.flushes).toEqual([wish]);
    expect(output.records).toMatchObject([{ msg: 'the operator flushed what is remembered', ...wish, from: '127.0.0.1' }]);
  });

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['an empty object', {}],
    ['a list', []],
    ['two wishes at once', { user: 'a', domain: 'b' }],
    ['all: false', { all: false }],
    ['an empty user', { user: '' }],
    ['a user that is no text', { user: { toString: 'x' } }],
    ['a foreign key', { all: true, andMore: 1 }],
    ['a key named __proto__', '{"__proto__":{"all":true}}'],
    ['a text', '"all"'],
    ['a user who cannot be', { user: '@' }],
    ['a user longer than any login', { user: 'a'.repeat(513) }],
  ])('answers %s with 400 and words', async (_name, wish) => {
    const { status, json } = await flush(wish);
    expect({ status, json }).toEqual({ status: 400, json: { error: expect.stringMatching(/\w{4}/) } });
    expect(output.text).toBe('');
  });

  it('answers JSON that is none with 400, and quotes nothing of it', async () => {
    const { status, body } = await flush(`{"user": "${canary}`);
    expect(status).toBe(400);
    expect(body).not.toContain(canary);
    expect(output.text).toBe('');
  });

  it('takes no body beyond 4096 bytes', async () => {
    expect((await flush({ user: 'a'.repeat(5000) })).status).toBe(413);
    expect(operations.flushes).toEqual([]);
  });

  it.each([
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
  ])('takes no form that a page of another site could send (%j)', async (headers: Readonly<Record<string, string>>) => {
    expect((await flush({ all: true }, headers)).status).toBe(415);
    expect(operations.flushes).toEqual([]);
  });

  it('lets no page of another site in, and never says that it may', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      const { status, headers } = await flush({ all: true }, { 'content-type': 'application/json', origin });
      expect(status).toBe(403);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect((await flush({ all: true }, { 'content-type': 'application/json', origin: `http://${server.address}` })).status).toBe(200);
  });

  it('lets no name be pointed at it where there is no token', async () => {
    expect((await ask('GET', '/bans', undefined, { host: 'rebound.example:9144' })).status).toBe(403);
    expect((await ask('GET', '/bans', undefined, { host: 'localhost:9144' })).status).toBe(200);
    expect((await ask('GET', '/bans', undefined, { host: '[::1]:9144' })).status).toBe(200);
    token = canary;
    expect((await ask('GET', '/bans', undefined, { host: 'gateway.example', authorization: `Bearer ${canary}` })).status).toBe(200);
  });

  it('demands the token before it looks at anything', async () => {
    token = canary;
    for (const [method, path] of [
      ['POST', '/cache/flush'],
      ['GET', '/bans'],
      ['DELETE', '/bans/throttle.x'],
      ['GET', '/openapi.json'],
      ['GET', '/x'],
    ] as const) {
      const { status, body } = await ask(method, path, method === 'POST' ? '{"all":true}' : undefined, {
        'content-type': 'application/json',
      });
      expect(status).toBe(401);
      expect(body).not.toContain(canary);
    }
    expect([operations.flushes, operations.lifts, operations.asked]).toEqual([[], [], []]);
  });

  it('lists bans, at most as many as wanted', async () => {
    operations.listed.push({
      ...{ id: 'throttle.u-abc', instance: 'throttle', kind: 'user', user: 'anna@example.org' },
      ...{ tries: 10, since: 1, until: 2, enforced: true },
    });
    expect(await ask('GET', '/bans')).toMatchObject({ status: 200, json: { bans: operations.listed, unavailable: [] } });
    expect((await ask('GET', '/bans?most=5')).status).toBe(200);
    expect(operations.asked).toEqual([1000, 5]);
    for (const query of ['most=0', 'most=10001', 'most=-1', 'most=1e3', 'most=', 'most=1&most=2', 'mots=5']) {
      expect(await ask('GET', `/bans?${query}`)).toMatchObject({ status: 400, json: { error: expect.any(String) } });
    }
  });

  it('lifts a ban by its id and writes who did it', async () => {
    expect(await ask('DELETE', '/bans/throttle.u-abc')).toMatchObject({ status: 200, json: { lifted: 'throttle.u-abc' } });
    expect(output.records).toMatchObject([{ msg: 'the operator lifted a ban', ban: 'throttle.u-abc', from: '127.0.0.1' }]);
  });

  it.each([
    ['unknown', 404],
    ['unavailable', 503],
  ] as const)('says when a ban is %s (%i)', async (lifted, status) => {
    operations.lifted = lifted;
    expect(await ask('DELETE', '/bans/throttle.u-abc')).toMatchObject({ status, json: { error: expect.any(String) } });
    expect(output.text).toBe('');
  });

  it('hands ids on as they are, whatever is in them', async () => {
    await ask('DELETE', '/bans/a%2F..%2Fb%00');
    expect(operations.lifts).toEqual(['a/../b\0']);
    expect((await ask('DELETE', '/bans/%ff')).status).toBe(400);
  });

  it.each([
    ['GET', '/cache/flush', 'POST'],
    ['PUT', '/cache/flush', 'POST'],
    ['POST', '/bans', 'GET, HEAD'],
    ['DELETE', '/bans', 'GET, HEAD'],
    ['GET', '/bans/x', 'DELETE'],
    ['OPTIONS', '/cache/flush', 'POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('%s %s is not allowed', async (method, path, allowed) => {
    expect(await ask(method, path)).toMatchObject({ status: 405, headers: { allow: allowed } });
  });

  it('serves the description of itself, and all that stands in it', async () => {
    const { json } = await ask('GET', '/openapi.json');
    expect(json).toEqual(openApi);
    for (const [path, methods] of Object.entries(openApi.paths)) {
      for (const method of Object.keys(methods)) {
        const { status } = await askAt(method.toUpperCase(), path.replace('{id}', 'x'));
        expect({ path, method, served: status !== 404 && status !== 405 }).toEqual({ path, method, served: true });
      }
    }
  });
});
