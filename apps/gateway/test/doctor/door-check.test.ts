import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { speak, type DenialKind } from '@postern/auth-http';
import type { Protocol } from '@postern/contract';
import { checkDoor } from '../../src/cli/doctor/door-check.js';
import type { AskDoor, DoorQuestion } from '../../src/cli/doctor/door-question.js';
import type { DoorReply } from '../../src/cli/doctor/door-reply.js';
import { personAtDoor } from '../../src/cli/doctor/person-check.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { shortly, visitWith } from './support/visit.js';

const key = 'the-key-of-this-config';
const person = { user: 'anna@example.org', password: 'c4n4ry-word' };

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const denied = (denial: DenialKind, protocol: Protocol = 'imap'): DoorReply => ({
  ...{ kind: 'denied', denial },
  words: speak(denial, protocol, false).status,
});
const placed: DoorReply = { kind: 'placed', server: '127.0.0.1', port: 9, user: 'anna@example.org' };

/** As a gateway answers that is well. */
const well = (question: DoorQuestion): DoorReply => denied(question.key === key ? 'rejected' : 'deferred', question.protocol);

interface Examined {
  readonly well: boolean;
  readonly told: readonly string[];
  readonly asked: readonly DoorQuestion[];
}

const examined = async (answer: (question: DoorQuestion) => DoorReply, withKey = true): Promise<Examined> => {
  const asked: DoorQuestion[] = [];
  const ask: AskDoor = (question) => {
    asked.push(question);
    return Promise.resolve(answer(question));
  };
  const { visit, findings } = await visitWith(folder, smallConfig(withKey ? { nginx: { key } } : {}));
  return { well: await checkDoor({ name: 'door', ask }, visit), told: shortly(findings), asked };
};

describe('a door under examination', () => {
  it('is well when it takes the key and no other, and turns away whom nobody knows', async () => {
    const { well: isWell, told, asked } = await examined(well);
    expect(isWell).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(
        /^ok door: takes the key of this config and no other; turns the made-up doctor-[0-9a-f]{12}@postern\.invalid away as with a wrong password over imap, pop3, smtp$/,
      ),
    ]);
    expect(asked.map(({ protocol, user }) => `${protocol} ${user === '' ? '' : 'somebody'}`)).toEqual([
      ...['imap ', 'imap '],
      ...['imap somebody', 'pop3 somebody', 'smtp somebody'],
    ]);
  });

  it('is asked about one made-up user with one password, another each time: nobody’s account is counted against', async () => {
    const [first, second] = [await examined(well), await examined(well)];
    const madeUp = ({ asked }: Examined): ReadonlySet<string> => new Set(asked.slice(2).map(({ user, password }) => `${user} ${password}`));
    expect(madeUp(first).size).toBe(1);
    expect([...madeUp(first)]).not.toEqual([...madeUp(second)]);
  });

  it('without a key is asked without one', async () => {
    const { told, asked } = await examined(() => denied('rejected'), false);
    expect(told).toEqual([expect.stringContaining('asks for no key')]);
    expect(asked.every((question) => question.key === undefined)).toBe(true);
  });

  it.each<[string, (question: DoorQuestion) => DoorReply, RegExp]>([
    ['has another key', () => denied('deferred'), /^problem door: it does not take questions with the key of this config/],
    ['lets in an empty login', () => placed, /^problem door: it lets in an empty login/],
    [
      'is no Postern',
      () => ({ kind: 'odd', why: 'no HTTP', said: '\u001b]0;x\u0007' }),
      /^problem door: no HTTP: "\\u\{1b\}\]0;x\\u\{7\}"$/,
    ],
    ['is not there', () => ({ kind: 'silent', why: 'nobody listens there' }), /^problem door: nobody listens there/],
  ])('that %s is asked no more', async (_what, answer, said) => {
    const { well: isWell, told, asked } = await examined(answer);
    expect({ isWell, told, asked: asked.length }).toEqual({ isWell: false, told: [expect.stringMatching(said)], asked: 1 });
  });

  it('that takes any key is a problem', async () => {
    const { told } = await examined(({ protocol }) => denied('rejected', protocol));
    expect(told).toEqual(['problem door: it answers whoever asks, whatever the key']);
  });

  it('that lets anybody in is told of loudly, and asked no more', async () => {
    const { told, asked } = await examined((question) => (question.user === '' ? well(question) : placed));
    expect(told).toEqual([expect.stringMatching(/^problem door: LETS ANYBODY IN: .* over imap was let in with a random password$/)]);
    expect(asked).toHaveLength(3);
  });

  it.each<[DenialKind, RegExp]>([
    ['deferred', /^problem door: the made-up .*UNAVAILABLE/],
    ['limited', /^warning door: the made-up .*LIMIT/],
    ['policy', /^ok door: .* away with .*AUTHORIZATIONFAILED.* over imap and /],
  ])('whose answer about the made-up user is %s', async (denial, said) => {
    const { told } = await examined((question) => (question.user === '' ? well(question) : denied(denial, question.protocol)));
    expect(told).toEqual([expect.stringMatching(said)]);
  });
});

describe('a real login at a door', () => {
  const asPerson = async (reply: DoorReply) => {
    const { visit, findings } = await visitWith(folder, smallConfig(), { person });
    const asked: Protocol[] = [];
    const ask: AskDoor = ({ protocol }) => {
      asked.push(protocol);
      return Promise.resolve(reply);
    };
    await personAtDoor({ name: 'door', ask }, visit);
    return { asked, told: shortly(findings) };
  };

  it('with a wrong password is tried once: directories count', async () => {
    const { asked, told } = await asPerson(denied('rejected'));
    expect(asked).toEqual(['imap']);
    expect(told).toEqual(['problem anna@example.org over imap: is turned away: "[AUTHENTICATIONFAILED] Invalid user name or password"']);
  });

  it('asks the mail server that it is sent to', async () => {
    const { asked, told } = await asPerson(placed);
    expect(asked).toEqual(['imap', 'pop3', 'smtp']);
    expect(told[0]).toBe(
      'problem anna@example.org over imap: is let in and sent to 127.0.0.1 port 9 as "anna@example.org", where no mail server greets: ECONNREFUSED',
    );
    // The config names a port for IMAP alone, and no server greets with the others.
    expect(told.slice(1)).toEqual([expect.stringMatching(/^warning .* over pop3/), expect.stringMatching(/^warning .* over smtp/)]);
  });

  it('never shows the password, whoever says it', async () => {
    const base64 = Buffer.from(`\0${person.user}\0${person.password}`).toString('base64');
    for (const said of [`no: ${person.password}`, base64, Buffer.from(person.password).toString('base64')]) {
      const { told } = await asPerson({ kind: 'odd', why: 'it answers oddly', said });
      expect(told.join()).not.toContain(person.password);
      expect(told.join()).not.toContain(said);
    }
  });
});
