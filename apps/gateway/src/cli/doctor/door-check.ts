import { randomBytes } from 'node:crypto';
import { protocols, type Protocol } from '@postern/contract';
import type { AskDoor, DoorQuestion } from './door-question.js';
import type { DoorReply } from './door-reply.js';
import { sayOf, type Say } from './finding.js';
import type { Visit } from './visit.js';

export interface OpenDoor {
  readonly name: string;
  readonly ask: AskDoor;
}

/** What a door is asked with, and where to tell of it. */
interface Round {
  readonly door: OpenDoor;
  readonly visit: Visit;
  readonly say: Say;
  readonly ask: (changed: Partial<DoorQuestion>) => Promise<DoorReply>;
}

/** Whether a door answers as it must: it takes this config's key and no other, and lets nobody in whom nobody knows. */
export const checkDoor = async (door: OpenDoor, visit: Visit): Promise<boolean> => {
  const { clientIp, tls, config } = visit;
  const common = { protocol: 'imap', user: '', password: '', clientIp, tls, key: config.core.nginx.key?.[0]?.reveal() } as const;
  const round: Round = {
    ...{ door, visit, say: sayOf(visit.tell, 'gateway', door.name) },
    ask: (changed) => door.ask({ ...common, ...changed }),
  };
  if (!(await takesOurKey(round))) return false;
  const keys = await takesNoOtherKey(round);
  const people = await turnsStrangersAway(round);
  if (keys !== undefined && people !== undefined) round.say('ok', `${keys}; ${people}`);
  return true;
};

/** An empty login is refused before any store is asked, and only behind the key: the answer tells of the key alone. */
const takesOurKey = async ({ ask, say, visit }: Round): Promise<boolean> => {
  const reply = await ask({});
  if (reply.kind === 'denied' && reply.denial === 'rejected') return true;
  if (reply.kind === 'placed') say('problem', 'it lets in an empty login', 'This is no Postern: see who listens there.');
  else if (reply.kind === 'silent') say('problem', reply.why, 'Start the gateway with "postern serve", or name its config with -c.');
  else if (reply.kind === 'odd') say('problem', oddText(reply, visit), 'See who listens there: is it a Postern of this version?');
  else {
    const withKey = visit.config.core.nginx.key === undefined ? 'without a key, and this config has none' : 'with the key of this config';
    const hint =
      'Its log says "a request was refused" and why: another nginx.key than in this config (reload it: kill -HUP), an address that nginx.allow leaves out, or overload.';
    say('problem', `it does not take questions ${withKey}: ${visit.quote(reply.words)}`, hint);
  }
  return false;
};

/** Undefined: not well, and that was told. */
const takesNoOtherKey = async ({ ask, say, visit }: Round): Promise<string | undefined> => {
  if (visit.config.core.nginx.key === undefined) return 'asks for no key';
  const reply = await ask({ key: randomBytes(16).toString('hex') });
  if (reply.kind === 'denied' && reply.denial === 'deferred') return 'takes the key of this config and no other';
  if (reply.kind === 'denied' || reply.kind === 'placed')
    say('problem', 'it answers whoever asks, whatever the key', 'The gateway runs with a config without nginx.key: reload it (kill -HUP).');
  else say('problem', `asked with a wrong key: ${reply.kind === 'odd' ? oddText(reply, visit) : reply.why}`, 'Look into its log.');
  return undefined;
};

/** Undefined: not well, and that was told. */
const turnsStrangersAway = async ({ ask, say, visit }: Round): Promise<string | undefined> => {
  const { user, password } = visit.stranger;
  const words = new Map<string, Protocol[]>();
  for (const protocol of protocols) {
    const reply = await ask({ user, password, protocol });
    if (!isWell(reply)) {
      tellOfStranger(reply, user, protocol, say, visit);
      return undefined;
    }
    const said = reply.denial === 'rejected' ? 'as with a wrong password' : `with ${visit.quote(reply.words)}`;
    words.set(said, [...(words.get(said) ?? []), protocol]);
  }
  const shown = [...words].map(([said, over]) => `${said} over ${over.join(', ')}`);
  return `turns the made-up ${user} away ${shown.join(' and ')}`;
};

type Denied = Extract<DoorReply, { readonly kind: 'denied' }>;

const isWell = (reply: DoorReply): reply is Denied => reply.kind === 'denied' && reply.denial !== 'deferred' && reply.denial !== 'limited';

const tellOfStranger = (reply: DoorReply, user: string, protocol: Protocol, say: Say, visit: Visit): void => {
  const asked = `the made-up ${user} over ${protocol}`;
  switch (reply.kind) {
    case 'placed': {
      const hint = `A store or a rule lets anybody in with any password. Find it: echo x | postern explain ${user} --password-stdin`;
      return say('problem', `LETS ANYBODY IN: ${asked} was let in with a random password`, hint);
    }
    case 'denied':
      if (reply.denial === 'limited')
        return say('warning', `${asked}: ${visit.quote(reply.words)}`, `${visit.clientIp} is kept out just now: see "postern bans list".`);
      return say(
        'problem',
        `${asked}: ${visit.quote(reply.words)}`,
        'A store cannot tell now, so that nobody can be told no: see the stores below, and its log.',
      );
    case 'odd':
      return say('problem', `${asked}: ${oddText(reply, visit)}`, 'See who listens there: is it a Postern of this version?');
    case 'silent':
      return say('problem', `${asked}: ${reply.why}`, 'Look into its log.');
  }
};

export const oddText = ({ why, said }: Extract<DoorReply, { readonly kind: 'odd' }>, { quote }: Pick<Visit, 'quote'>): string =>
  said === undefined ? why : `${why}: ${quote(said)}`;
