import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { explainLogin, explanationText } from '@postern/kernel';
import { LifeRoom, plainConfig } from './support/life-room.js';

const yaml = `
identity: { defaultDomain: example.org, stripTag: "+" }
health: off
backends: { mail-a: { host: 10.0.0.11, login: { user: "{user}*proxy", password: canary-master } } }
plugins:
  - { use: policy, when: { protocol: smtp } }
  - { use: store, as: staff }
  - { use: store, as: old, mode: off }
  - { use: router, with: { over: [mail-a] } }
`;

describe('explaining a login', () => {
  let life: LifeRoom;

  beforeEach(async () => {
    life = await LifeRoom.open();
  });
  afterEach(() => life.close());

  it('tells every step, both names, who matched, where it lands, the reply and what the client reads', async () => {
    const generation = await life.generation(yaml);
    await generation.start();
    const explanation = await explainLogin(generation, { user: 'Anna+news', password: 'canary-typed' });
    expect(explanation).toMatchObject({
      user: { raw: 'Anna+news', canonical: 'anna@example.org' },
      protocol: 'imap',
      client: { ip: '127.0.0.1', tls: true },
      proof: 'password',
      instances: [
        { name: 'policy', role: 'policy', when: { protocol: 'smtp' }, matched: false },
        { name: 'staff', use: 'store', matched: true },
        { name: 'old', mode: 'off', matched: false },
        { name: 'router', matched: true },
      ],
      verdict: { kind: 'accepted' },
      account: { user: 'anna@example.org', attributes: { mailHost: 'mail-a', apiToken: '[secret]' } },
      placement: { backend: 'mail-a', address: '10.0.0.11', port: 143, user: 'anna@example.org*proxy', password: '[secret]' },
      letIn: true,
      reply: { sent: 'placed' },
      clientReads: 'OK (in the words of the mail server)',
    });
    expect(explanation.steps.map(({ stage, instance, outcome }) => [stage, instance, outcome])).toEqual([
      ['identity', undefined, 'user'],
      ['store', 'staff', 'accepted'],
      ['router', 'router', 'placed'],
      ['placement', 'mail-a', 'placed'],
    ]);
    expect(explanation.reply.headers).toContainEqual(['Auth-Pass', '[secret]']);
    expect(explanation.reply.bytes).toBeGreaterThan(100);
    expect(JSON.stringify(explanation) + explanationText(explanation)).not.toContain('canary');
    await generation.stop();
  });

  it('asks who somebody is when there is no password', async () => {
    life.script.verify = () => Promise.reject(new Error('must not be asked'));
    const generation = await life.generation(yaml);
    await generation.start();
    const explanation = await explainLogin(generation, { user: 'anna' });
    expect([explanation.proof, explanation.verdict.kind, explanation.letIn]).toEqual(['none', 'accepted', true]);
    await generation.stop();
  });

  it('tells what a client reads that is not let in, in the words of its protocol', async () => {
    life.script.verify = () => Promise.resolve({ kind: 'rejected' });
    const generation = await life.generation(yaml);
    await generation.start();
    const smtp = await explainLogin(generation, { user: 'anna', password: 'x', protocol: 'smtp', clientIp: '::ffff:192.0.2.7' });
    expect(smtp).toMatchObject({ letIn: false, verdict: { kind: 'rejected' }, client: { ip: '192.0.2.7' } });
    expect(smtp.clientReads).toMatch(/^535 5\.7\.8 /);
    expect(smtp.instances[0]?.matched).toBe(true);
    const imap = await explainLogin(generation, { user: 'anna', password: 'x' });
    expect(imap.clientReads).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
    await generation.stop();
  });

  it('tells why a store could not answer, without what was typed', async () => {
    life.script.verify = () => Promise.reject(new Error('bind as anna with canary-typed failed'));
    const generation = await life.generation(yaml);
    await generation.start();
    const explanation = await explainLogin(generation, { user: 'anna', password: 'canary-typed' });
    expect(explanation.steps.find(({ stage }) => stage === 'store')?.detail).toBe('Error: bind as anna with [secret] failed');
    expect(explanation.clientReads).toMatch(/^NO \[UNAVAILABLE\] /);
    await generation.stop();
  });

  it('tells that TLS is missing where it is required', async () => {
    const generation = await life.generation(`nginx: { requireTls: true }${plainConfig}`);
    await generation.start();
    expect((await explainLogin(generation, { user: 'anna', password: 'x', tls: false })).clientReads).toMatch(/^NO \[PRIVACYREQUIRED\] /);
    expect((await explainLogin(generation, { user: 'anna', password: 'x' })).letIn).toBe(true);
    await generation.stop();
  });

  it('matches nobody against a login that is none, and shows its control characters escaped', async () => {
    const generation = await life.generation(yaml);
    await generation.start();
    const explanation = await explainLogin(generation, { user: 'an\u001b[31mna', password: 'x' });
    expect(explanation.user).toEqual({ raw: 'an\u001b[31mna' });
    expect(explanation.instances.every(({ matched }) => matched === undefined)).toBe(true);
    const text = explanationText(explanation);
    expect(text).toContain('an\\u{1b}[31mna');
    expect(text).not.toContain('\u001b');
    await generation.stop();
  });

  it('is written for a terminal in aligned lines', async () => {
    const generation = await life.generation(yaml);
    await generation.start();
    const explanation = await explainLogin(generation, { user: 'Anna', password: 'x' });
    const text = explanationText({ ...explanation, tookMs: 0, steps: explanation.steps.map((step) => ({ ...step, ms: 0 })) });
    expect(text).toBe(
      `
login           Anna
canonical user  anna@example.org
asked over      imap, with TLS, from 127.0.0.1, with a password

plugin list
  policy            policy         does not match  when {"protocol":"smtp"}
  credential-store  staff   store  matches
  credential-store  old     store  switched off
  backend-router    router         matches

steps
  identity           user      0.0 ms  anna@example.org
  store      staff   accepted  0.0 ms
  router     router  placed    0.0 ms  mail-a
  placement  mail-a  placed    0.0 ms  10.0.0.11 port 143

verdict    accepted
account    anna@example.org mailHost=mail-a apiToken=[secret]
placement  mail-a at 10.0.0.11 port 143 as anna@example.org*proxy, with a password of its own
answer     placed
took       0.0 ms

reply to nginx (${explanation.reply.bytes} of at most 1024 bytes)
  Auth-Status: OK
  Auth-Server: 10.0.0.11
  Auth-Port: 143
  Auth-User: anna@example.org*proxy
  Auth-Pass: [secret]

the mail client reads
  OK (in the words of the mail server)
`.trimStart(),
    );
    await generation.stop();
  });
});
