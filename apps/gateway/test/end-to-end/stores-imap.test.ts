import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { logIn, untilLetIn } from './setup/log-in.js';
import { ann, bob, nobody, wrong } from './setup/people.js';
import { Stage } from './setup/stage.js';
import { byDomain } from './setup/usual-config.js';
import { denied, letIn, mailProtocols, temporary } from './setup/words.js';

const routers = [byDomain('mail-a', 'mail-b')];

const linesOf = (log: string, user: string): string =>
  log
    .split('\n')
    .filter((line) => line.includes(user))
    .join('\n');

describeWithServers({ describe, it }, 'imap as a probe', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners: ({ door }) => [
        { protocol: 'imap' },
        { protocol: 'pop3', mechanisms: ['plain'] },
        { protocol: 'smtp', xclient: false, proxySmtpAuth: true },
        { name: 'fixed', protocol: 'imap', authHttp: door('fixed') },
      ],
      config: (usual) => ({ ...usual, plugins: [{ use: 'imap', as: 'people', with: { server: 'route' } }, ...routers] }),
      more: {
        fixed: (usual) => {
          const server = `imap://${String(usual.backends['mail-a']['host'])}:${String(usual.backends['mail-a']['imap'])}`;
          return { ...usual, plugins: [{ use: 'imap', as: 'people', with: { server } }, ...routers] };
        },
      },
    });
  }, 120_000);
  afterAll(() => stage.close());

  const heard = async (person: typeof ann, listener = 'imap'): Promise<string> => (await logIn(stage, person, { listener })).answer;

  it.each(mailProtocols)('route: the right password lands on the mail server that judged it (%s)', async (protocol) => {
    const places = await Promise.all([ann, bob].map((person) => logIn(stage, person, { protocol })));
    expect(places.map(({ place }) => place)).toEqual(['mail-a', 'mail-b']);
  });

  it.each(mailProtocols)('route: only the mail server that would hold the mail is asked, by IMAP (%s)', async (protocol) => {
    const person = { user: `only-${protocol}@b.example.org`, password: 'canary-wrong' };
    expect((await logIn(stage, person, { protocol })).answer).toMatch(denied[protocol]);
    const { a, b } = stage.servers;
    while (!/imap-login: /u.test(linesOf(b.output(), person.user))) await pause(20);
    expect(linesOf(b.output(), person.user)).not.toMatch(/pop3-login|submission-login/u);
    expect(a.output()).not.toContain(person.user);
  });

  it('route: a wrong password and an unknown user hear the same', async () => {
    const answers = [await heard(wrong(ann)), await heard(nobody)];
    for (const answer of answers) expect(answer).toMatch(denied.imap);
    expect(new Set(answers).size).toBe(1);
  });

  it('route: whom no router knows hears of a passing problem', async () => {
    expect(await heard({ ...ann, user: 'ann@elsewhere.example' })).toMatch(temporary.imap);
  });

  it.each(['*)(uid=*@a.example.org', "' or 1=1 --@a.example.org", '"@a.example.org', '{5}@a.example.org', `${ann.user}\r\na LOGOUT`])(
    'a login such as %j is denied like any other',
    async (user) => {
      for (const listener of ['imap', 'fixed']) expect(await heard({ ...ann, user }, listener)).toMatch(denied.imap);
      expect(await heard(ann)).toMatch(letIn);
    },
  );

  it('a fixed server judges, and the routers place', async () => {
    const places = await Promise.all([ann, bob].map((person) => logIn(stage, person, { listener: 'fixed' })));
    expect(places.map(({ place }) => place)).toEqual(['mail-a', 'mail-b']);
    expect(await heard(wrong(bob), 'fixed')).toMatch(denied.imap);
  });

  it('a server that is away is a passing problem for those it judges, and recovers by itself', async () => {
    const { a } = stage.servers;
    await Promise.all(['gateway', 'fixed'].map((gateway) => stage.untilBackend('mail-a', true, gateway)));
    await a.stop();
    expect(await heard(ann)).toMatch(temporary.imap);
    expect(await heard(bob)).toMatch(letIn);
    for (const person of [ann, bob, wrong(bob), nobody]) expect(await heard(person, 'fixed')).toMatch(temporary.imap);
    expect(await stage.untilInstance('people', (status) => status === 'degraded')).toMatch(
      /^mail-a: .*ECONNREFUSED|backend of the list is down/u,
    );
    expect(await stage.untilInstance('people', (status) => status === 'down', 'fixed')).toContain('ECONNREFUSED');
    await a.restart();
    expect(await untilLetIn(stage, ann)).toBe('mail-a');
    expect(await untilLetIn(stage, bob, { listener: 'fixed' })).toBe('mail-b');
    expect(await heard(wrong(ann))).toMatch(denied.imap);
    await stage.untilInstance('people', (status) => status === 'up', 'fixed');
  });

  it('starts while the servers are away, and lets people in once they are there', async () => {
    const { a } = stage.servers;
    await a.stop();
    for (const name of ['gateway', 'fixed']) {
      await stage.named(name).stop();
      await stage.named(name).start();
    }
    for (const listener of ['imap', 'fixed']) expect(await heard(ann, listener)).toMatch(temporary.imap);
    await a.restart();
    for (const listener of ['imap', 'fixed']) expect(await untilLetIn(stage, ann, { listener })).toBe('mail-a');
  });

  it('no log held a secret in all of this', () => {
    expect(stage.gateway.output()).toContain(ann.user);
    expect(stage.leaks()).toEqual([]);
  });
});
