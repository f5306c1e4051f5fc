import { afterEach, describe, expect, it } from '@jest/globals';
import type { Whereabouts } from '@postern/contract';
import { open, said, signal, type Opened } from './support.js';
import { answering, ScriptedServer, type Script } from './scripted-server.js';

const plain = 'SASL-IR AUTH=PLAIN ID';
const servers: ScriptedServer[] = [];
const stores: Opened[] = [];

afterEach(async () => {
  for (const { store } of stores.splice(0)) await store.stop?.(signal);
  for (const server of servers.splice(0)) await server.stop();
});

const serve = async (script: Script): Promise<ScriptedServer> => {
  const server = await ScriptedServer.start({ script });
  servers.push(server);
  return server;
};

const at = (backend: string, { port }: { readonly port: number }): Whereabouts => ({
  kind: 'found',
  backend,
  host: `${backend}.internal`,
  address: '127.0.0.1',
  port,
});

const routed = async (input: object = {}): Promise<Opened> => {
  const opened = await open({ server: 'route', ...input });
  stores.push(opened);
  return opened;
};

describe('server: route', () => {
  it('tries a password at the backend that the routers choose, whatever the client speaks', async () => {
    const [a, b] = [await serve(answering(plain, 'OK')), await serve(answering(plain, 'NO wrong'))];
    const { ask, services } = await routed();
    services.routes.answer = ({ account }) => (account.user === 'ann@example.org' ? at('mail-a', a) : at('mail-b', b));
    expect(await ask({ user: 'ann@example.org', protocol: 'smtp' })).toEqual({
      kind: 'accepted',
      account: { user: 'ann@example.org', attributes: {} },
    });
    expect(await said(ask({ user: 'bob@example.org', protocol: 'pop3' }))).toBe('rejected');
    expect([a.taken, b.taken]).toEqual([1, 1]);
    expect(services.routes.asked.map(({ account, attempt, protocol }) => [account, attempt.protocol, protocol])).toEqual([
      [{ user: 'ann@example.org', attributes: {} }, 'smtp', 'imap'],
      [{ user: 'bob@example.org', attributes: {} }, 'pop3', 'imap'],
    ]);
  });

  it('logs in as `login` says', async () => {
    const server = await serve(answering('ID', 'OK'));
    const { ask, services } = await routed({ login: '{local}' });
    services.routes.answer = () => at('mail-a', server);
    expect(await said(ask({ user: 'ann@example.org', password: 'right' }))).toBe('accepted');
    expect(server.lines.join('\n')).toContain('LOGIN {3}');
  });

  it('asks nobody where a password is that no server could be told', async () => {
    const { ask, services } = await routed();
    expect(await said(ask({ password: 'a\0b' }))).toBe('rejected');
    expect(services.routes.asked).toEqual([]);
  });

  it('defers whom no router knows, and stays well', async () => {
    const { ask, store } = await routed();
    expect(await said(ask())).toBe('deferred: Error: no router has a backend for this login, so there is no server to try the password at');
    expect(await store.health?.(signal)).toEqual({ status: 'up' });
  });

  it('defers when the routers cannot tell, and says so for a while', async () => {
    const { ask, store, services } = await routed();
    services.routes.answer = () => ({ kind: 'deferred', cause: new Error('every backend of the list is down') });
    expect(await said(ask())).toContain('deferred: Error: the routers cannot tell where to try the password');
    expect(await store.health?.(signal)).toEqual({
      status: 'degraded',
      note: 'no server to try passwords at: every backend of the list is down',
    });
  });

  it('names the backend that fails, until a login there is judged again', async () => {
    const [a, b] = [await serve(answering(plain, 'OK')), await serve(answering(plain, 'OK'))];
    const { ask, store, services } = await routed();
    const homes = [at('mail-a', a), at('mail-b', b)] as const;
    services.routes.answer = ({ account }) => homes[account.user === 'ann@example.org' ? 0 : 1];
    await a.stop();
    expect(await said(ask({ user: 'ann@example.org' }))).toContain('deferred: Error: connect ECONNREFUSED');
    expect(await said(ask({ user: 'bob@example.org' }))).toBe('accepted');
    expect(await store.health?.(signal)).toMatchObject({
      status: 'degraded',
      note: expect.stringMatching(/^mail-a: connect ECONNREFUSED/u),
    });
    const back = await serve(answering(plain, 'OK'));
    services.routes.answer = () => at('mail-a', back);
    expect(await said(ask({ user: 'ann@example.org' }))).toBe('accepted');
  });

  it('gives every backend a line of its own: one that hangs holds up nobody else', async () => {
    const [a, b] = [await serve(() => undefined), await serve(answering(plain, 'OK'))];
    const { ask, services } = await routed({ concurrency: 1 });
    services.routes.answer = ({ account }) => (account.user === 'ann@example.org' ? at('mail-a', a) : at('mail-b', b));
    const hanging = ask({ user: 'ann@example.org' });
    expect(await said(ask({ user: 'bob@example.org' }))).toBe('accepted');
    expect(await said(hanging)).toContain('no answer within 1500 ms');
  });

  it('is down once it is stopped', async () => {
    const { store } = await routed();
    await store.stop?.(signal);
    expect(await store.health?.(signal)).toMatchObject({ status: 'down' });
  });
});
