import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayLog } from '../src/logging/gateway-log.js';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';
import { OperatorServer } from '../src/operator/operator-server.js';
import { CapturedOutput } from './support/captured-output.js';
import { type Run, runIn } from './support/command-line.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import { FakeOperations } from './support/fake-operations.js';
import { RunningGateway } from './support/running-gateway.js';

const canary = 't0ken-c4n4ry';

let folder: ConfigFolder;
let path: string;
let operations: FakeOperations;
let closing: (() => Promise<unknown>)[];

beforeEach(() => {
  folder = new ConfigFolder();
  path = `${folder.path}/operator.sock`;
  operations = new FakeOperations();
  closing = [];
  folder.write(smallConfig({ operator: { listen: `unix:${path}`, token: canary } }));
});
afterEach(async () => {
  for (const close of closing) await close();
  folder.remove();
});

const run = (...words: string[]): Promise<Run> => runIn(folder, words);

const gateway = async (token = canary): Promise<void> => {
  const server = new OperatorServer(
    { kind: 'unix', path },
    {
      operations,
      readiness: () => Promise.resolve({ status: 'ready', instances: {} }),
      metrics: new MetricsRegistry(),
      log: GatewayLog.to(new CapturedOutput(), 'info'),
      token: () => token,
    },
  );
  await server.open();
  closing.push(() => server.close(100));
};

const somethingElse = async (status: number, body: string): Promise<void> => {
  const server: Server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
};

describe('flush', () => {
  it.each([
    [['--user', 'Anna@example.org'], { user: 'Anna@example.org' }, 'forgotten: what was known of Anna@example.org\n'],
    [['-d', 'example.org'], { domain: 'example.org' }, 'forgotten: what was known of everybody at example.org\n'],
    [['--all'], { all: true }, 'forgotten: what was known of everybody\n'],
  ])('%j tells the running gateway', async (words, wish, said) => {
    await gateway();
    expect(await run('flush', ...words)).toEqual({ code: 0, out: said, err: '' });
    expect(operations.flushes).toEqual([wish]);
  });

  it.each([[[]], [['--user', 'a', '--all']], [['--user', 'a', '--domain', 'b']]])(
    '%j says nothing clear, and ends with 2',
    async (words) => {
      await gateway();
      expect(await run('flush', ...words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('one of --user') });
      expect(operations.flushes).toEqual([]);
    },
  );

  it('says in words what the gateway does not take', async () => {
    await gateway();
    expect(await run('flush', '--user', '@')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('the user is none that could log in'),
    });
  });

  it('repaints no terminal with what a stranger on that address answers', async () => {
    await somethingElse(500, JSON.stringify({ error: 'a\u001b[2Jb\u202ec' }));
    const { code, err } = await run('flush', '--all');
    expect([code, err]).toEqual([2, expect.stringContaining('answers 500: a\\u{1b}[2Jb\\u{202e}c')]);
  });

  it('reaches a whole gateway, which writes it into its log', async () => {
    const whole = new RunningGateway(folder);
    await whole.until(/postern is ready/);
    closing.push(() => whole.stop());
    expect(await run('flush', '--user', 'ANNA@example.org')).toMatchObject({
      code: 0,
      out: 'forgotten: what was known of anna@example.org\n',
    });
    await whole.until(/anna@example\.org.*the operator flushed what is remembered/);
    expect(await run('bans', 'list')).toEqual({ code: 0, out: 'nobody is kept out\n', err: '' });
    expect(await run('bans', 'lift', 'throttle.x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no ban "throttle.x"'),
    });
    expect(whole.io.stdout.text).not.toContain(canary);
  });
});

describe('bans', () => {
  const shared = { instance: 'throttle', tries: 10, since: 1, until: 1_780_000_000_000 } as const;

  it('are listed, and cannot repaint the terminal', async () => {
    await gateway();
    operations.listed.push({ ...shared, id: 'throttle.u-1', kind: 'user', user: 'an\u001b[2Jna@example.org', enforced: true });
    operations.listed.push({
      ...shared,
      id: 'throttle.n-22',
      kind: 'user-in-network',
      user: 'ben',
      network: '192.0.2.0/24',
      enforced: false,
    });
    const { code, out } = await run('bans', 'list');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'id             whom                       tries  until',
      'throttle.u-1   an\\u{1b}[2Jna@example.org  10     2026-05-28T20:26:40.000Z',
      'throttle.n-22  ben from 192.0.2.0/24      10     2026-05-28T20:26:40.000Z  only logged',
      '',
    ]);
    expect(JSON.parse((await run('bans', 'list', '--json')).out)).toEqual({ bans: operations.listed, unavailable: [] });
  });

  it('are lifted by their id, whatever is in it', async () => {
    await gateway();
    expect(await run('bans', 'lift', 'throttle.u-1')).toEqual({ code: 0, out: 'lifted: throttle.u-1\n', err: '' });
    await run('bans', 'lift', '../cache/flush?x#y');
    expect(operations.lifts).toEqual(['throttle.u-1', '../cache/flush?x#y']);
    operations.lifted = 'unknown';
    expect(await run('bans', 'lift', 'throttle.u-1')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('no ban "throttle.u-1"'),
    });
    operations.lifted = 'unavailable';
    expect(await run('bans', 'lift', 'throttle.u-1')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('answers 503') });
  });
});

describe.each([[['flush', '--all']], [['bans', 'list']], [['bans', 'lift', 'x.y']]])('%j', (words) => {
  it('says that no gateway runs', async () => {
    expect(await run(...words)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/nobody listens on unix:.*postern serve/) });
  });

  it('says that the config has no operator, or none with a known port', async () => {
    for (const operator of [undefined, { listen: '127.0.0.1:0' }]) {
      folder.write(smallConfig({ operator }));
      expect(await run(...words)).toMatchObject({ code: 2, err: expect.stringContaining('no operator address to call') });
    }
  });

  it('says that the token is not taken, without saying it', async () => {
    await gateway('another');
    const { code, out, err } = await run(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('does not take this token');
    expect(err).not.toContain(canary);
  });

  it.each([
    [200, 'hello'],
    [200, '{"odd":1}'],
    [500, '{"error":"internal error"}'],
    [302, ''],
  ])('takes nothing from a server that is no Postern (%i %s)', async (status, body) => {
    await somethingElse(status, body);
    expect(await run(...words)).toMatchObject({ code: 2, out: '' });
  });
});
