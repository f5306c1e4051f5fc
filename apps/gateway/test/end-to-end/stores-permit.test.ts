import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { logIn } from './setup/log-in.js';
import { ann, bob, nobody, wrong } from './setup/people.js';
import { Stage } from './setup/stage.js';
import { byDomain } from './setup/usual-config.js';
import { denied, letIn, mailProtocols } from './setup/words.js';

/** What somebody reads whose password is right and who may not. */
const refused = {
  imap: /^a NO \[AUTHORIZATIONFAILED\]/u,
  pop3: /^-ERR \[AUTH\]/u,
  smtp: /^535 5\.7\.8/u,
};

const user = (password: string, services: string) => ({ password: `{PLAIN}${password}`, attributes: { services } });

describeWithServers({ describe, it }, 'permit behind a store', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      listeners: () => [
        { protocol: 'imap' },
        { protocol: 'pop3', mechanisms: ['plain'] },
        { protocol: 'smtp', xclient: false, proxySmtpAuth: true },
      ],
      config: (usual) => ({
        ...usual,
        plugins: [
          { use: 'permit', as: 'services', with: { protocols: 'attributes.services' } },
          {
            use: 'static',
            as: 'people',
            with: { users: { [ann.user]: user(ann.password, 'imap'), [bob.user]: user(bob.password, 'pop3, smtp') } },
          },
          byDomain('mail-a', 'mail-b'),
        ],
      }),
    });
  }, 120_000);
  afterAll(() => stage.close());

  it.each(mailProtocols)('lets in who may, and tells who may not in the right words (%s)', async (protocol) => {
    const [mayBe, mayNotBe] = protocol === 'imap' ? [ann, bob] : [bob, ann];
    expect((await logIn(stage, mayBe, { protocol })).answer).toMatch(letIn);
    const { answer } = await logIn(stage, mayNotBe, { protocol });
    const wrongAnswer = (await logIn(stage, wrong(mayNotBe), { protocol })).answer;
    expect(answer).toMatch(refused[protocol]);
    expect(wrongAnswer).toMatch(denied[protocol]);
    expect(answer).not.toBe(wrongAnswer);
    expect((await logIn(stage, nobody, { protocol })).answer).toBe(wrongAnswer);
  });

  it('logs the rule that fired, and no secret', () => {
    expect(stage.gateway.output()).toContain('protocols: attributes.services');
    expect(stage.leaks()).toEqual([]);
  });
});
