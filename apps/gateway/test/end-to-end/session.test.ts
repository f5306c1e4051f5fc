import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation, describeWithServers } from '@postern/testkit';
import { createHash } from 'node:crypto';
import { ann, bob, wrong } from './setup/people.js';
import type { Way } from './setup/python-client.js';
import { Stage } from './setup/stage.js';

const ways = [
  ['imap', 'PLAIN'],
  ['pop3', 'USER/PASS'],
  ['smtp', 'PLAIN'],
] as const satisfies readonly (readonly [protocol: string, way: Way])[];

const commands = {
  imap: [`a LOGIN ${ann.user} canary-wrong`],
  pop3: [`USER ${ann.user}`, 'PASS canary-wrong'],
  smtp: [`AUTH PLAIN ${Buffer.from(`\0${ann.user}\0canary-wrong`).toString('base64')}`],
};
const denied = { imap: /^a NO \[AUTHENTICATIONFAILED\]/u, pop3: /^-ERR \[AUTH\]/u, smtp: /^535 5\.7\.8/u };

describeWithServers({ describe, it }, 'several attempts on one connection', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners: () => [
        { protocol: 'imap' },
        { protocol: 'pop3', mechanisms: ['plain', 'apop'] },
        { protocol: 'smtp', xclient: false, proxySmtpAuth: true },
      ],
      config: (usual) => ({ ...usual, nginx: { ...usual.nginx, attempts: { cap: 2, waits: [1] } } }),
    });
  }, 120_000);
  afterAll(() => stage.close());

  it.each(ways)('%s: lets a second attempt succeed, as another person too', async (protocol, mechanism) => {
    const attempts = [wrong(ann), bob].map((person) => ({ mechanism, ...person }));
    expect(await stage.python.logIn({ protocol, ...stage.endpoint(protocol), attempts })).toMatchObject({
      attempts: [{ ok: false }, { ok: true }],
      mailbox: expect.stringContaining('mail-b'),
    });
  });

  it.each(['imap', 'pop3', 'smtp'] as const)(
    'rule 60: %s: a failed attempt waits and leaves the connection open, until the cap',
    async (protocol) => {
      const client = await Conversation.open(stage.endpoint(protocol));
      await client.line();
      const answers: string[] = [];
      // Twice: below the cap, and at the cap.
      for (const command of [...commands[protocol], ...commands[protocol]]) answers.push(await client.ask(command));
      expect(answers.filter((answer) => denied[protocol].test(answer))).toHaveLength(2);
      expect(await client.rest()).toBe('');
      client.close();
    },
  );

  it('rule 61: a failed digest closes the connection at once, since older versions of nginx crash when it goes on', async () => {
    const client = await Conversation.open(stage.endpoint('pop3'));
    const salt = /<.*>/u.exec(await client.line())?.[0] ?? '';
    const digest = createHash('md5').update(`${salt}canary-wrong`).digest('hex');
    expect(await client.ask(`APOP ${ann.user} ${digest}`)).toMatch(denied.pop3);
    expect(await client.rest()).toBe('');
    expect(stage.leaks([digest])).toEqual([]);
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
