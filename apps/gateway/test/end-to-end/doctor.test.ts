import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { logIn } from '../../src/cli/doctor/mail-login.js';
import { runCli } from '../../src/cli/run-cli.js';
import { TestIo } from '../support/test-io.js';
import { ann, canary, sharedKey, ursula, wrong, type Person } from './setup/people.js';
import { Stage } from './setup/stage.js';

describeWithServers({ describe, it }, 'postern doctor in front of nginx and two Dovecots', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      config: (usual) => ({ ...usual, nginx: { ...usual.nginx, requireTls: true } }),
      listeners: () => [
        { protocol: 'imap', tls: 'starttls' },
        { protocol: 'pop3', tls: 'starttls' },
        { protocol: 'smtp', tls: 'starttls', xclient: false, proxySmtpAuth: true },
      ],
    });
    await Promise.all([stage.untilBackend('mail-a', true), stage.untilBackend('mail-b', true)]);
  }, 120_000);
  afterAll(() => stage.close());

  const fronts = (): readonly string[] =>
    ['imap', 'pop3', 'smtp'].flatMap((protocol) => {
      const { host, port } = stage.endpoint(protocol);
      return [`--${protocol}`, `${host}:${port}`];
    });

  const doctor = async (
    { user, password }: Person,
    ...words: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string }> => {
    const io = new TestIo(stage.servers.room.path('doctor')).typed(password);
    Object.assign(io.env, { POSTERN_KEY: sharedKey });
    const asked = ['doctor', '-c', stage.gateway.configPath, '--user', user, '--password-stdin', '--timeout', '30s', ...words];
    const code = await runCli(asked, io);
    expect(io.stdout.text).not.toContain(canary);
    expect(io.stdout.text).not.toContain(password);
    return { code, out: io.stdout.text };
  };

  it.each([ann, ursula])('finds all well, and logs in through nginx over STARTTLS in every protocol', async (person) => {
    const { code, out } = await doctor(person, ...fronts(), '--tls');
    expect(out.split('\n').filter((line) => line.includes('problem  '))).toEqual([]);
    expect(code).toBe(0);
    for (const protocol of ['imap', 'pop3', 'smtp'])
      expect(out).toMatch(new RegExp(`ok {7}${protocol} at 127\\.0\\.0\\.1 port \\d+: ${person.user} is let in over TLS`));
    expect(out).toContain('the running gateway answers as this config does: imap, pop3, smtp');
  });

  it('repeats what a client would read where nginx offers TLS and the client does not take it', async () => {
    const { code, out } = await doctor(ann, ...fronts().slice(0, 2));
    expect(code).toBe(1);
    expect(out).toMatch(/problem {2}imap at \S+ port \d+: ann@a\.example\.org is turned away: "a NO \[PRIVACYREQUIRED\]/);
  });

  it('tries a wrong password once at the gateway and once through nginx', async () => {
    const { code, out } = await doctor(wrong(ann), ...fronts(), '--tls');
    expect(code).toBe(1);
    expect(out.match(/is turned away/g)).toHaveLength(2);
    expect(out).toMatch(/problem {2}imap at \S+ port \d+: ann@a\.example\.org is turned away: "a NO \[AUTHENTICATIONFAILED\]/);
  });

  it('gives nobody’s password to a server whose certificate is not right', async () => {
    const address = { kind: 'tcp', ...stage.endpoint('imap') } as const;
    const tls = { options: { rejectUnauthorized: true, host: '192.0.2.1' }, from: 'command' } as const;
    const login = logIn({ protocol: 'imap', address, tls, person: ann, limits: { ms: 30_000, bytes: 65_536 } });
    await expect(login).rejects.toThrow(/certificate|CERT/i);
  });

  it('names the mail server that is gone, and whom it keeps out', async () => {
    await stage.servers.a.stop();
    await stage.untilBackend('mail-a', false);
    const { code, out } = await doctor(ann);
    expect(code).toBe(1);
    expect(out).toMatch(/problem {2}mail-a: 127\.0\.0\.1 does not greet: imap \d+, pop3 \d+, smtp \d+: ECONNREFUSED/);
    expect(out).toMatch(/problem {2}mail-a: the gateway sees it down for imap, pop3, smtp/);
    expect(out).toMatch(/ok {7}mail-b: 127\.0\.0\.1 greets/);
  });
});
