import { protocols, type Protocol } from '@postern/contract';
import { explainLogin, type Explanation, type Generation } from '@postern/kernel';
import type { DoorReply } from './door-reply.js';
import { sayOf, type Say } from './finding.js';
import type { Told } from './stores-check.js';
import type { Person, Visit } from './visit.js';

type Placed = Extract<DoorReply, { readonly kind: 'placed' }>;

/** Where this config would send somebody, dry, and whether that is where the running gateway sends them. */
export const comparePlaces = async (generation: Generation, told: Told, person: Person, visit: Visit): Promise<void> => {
  const say = sayOf(visit.tell, 'stores', person.user);
  const same: Protocol[] = [];
  const dryPlaces = new Map<string, string[]>();
  for (const protocol of protocols) {
    const running = told.replies.get(protocol);
    const dry = await dryAnswer(generation, protocol, running, person, visit);
    const { placement, letIn } = dry;
    if (running?.kind === 'placed') {
      const difference = differenceOf(running, dry, visit);
      if (difference === undefined) same.push(protocol);
      else say('problem', `over ${protocol} ${difference}`, hintOf(dry, protocol, told));
    } else if (letIn && placement !== undefined) {
      const place = `${placement.backend} at ${placement.address}`;
      dryPlaces.set(place, [...(dryPlaces.get(place) ?? []), `${protocol} ${placement.port}`]);
    } else if (!tellOfDenial(dry, protocol, say, visit)) return;
  }
  if (same.length > 0) say('ok', `the running gateway answers as this config does: ${same.join(', ')}`);
  for (const [place, ports] of dryPlaces) say('ok', `this config sends them to ${place}: ${ports.join(', ')}`);
};

/** The password is tried here only when it was right at the gateway: directories count wrong ones. */
const dryAnswer = (
  generation: Generation,
  protocol: Protocol,
  running: DoorReply | undefined,
  { user, password }: Person,
  { clientIp, tls }: Visit,
): Promise<Explanation> => {
  const proof = running?.kind === 'placed' && password !== undefined ? { password } : {};
  return explainLogin(generation, { user, protocol, clientIp, tls, ...proof });
};

/** False: it would be the same for the other protocols. */
const tellOfDenial = (dry: Explanation, protocol: Protocol, say: Say, { quote }: Visit): boolean => {
  const { verdict, clientReads } = dry;
  const why = `${verdict.kind}${verdict.why === undefined ? '' : ` (${verdict.why})`}`;
  if (dry.proof === 'none' && (verdict.kind === 'unsupported' || verdict.kind === 'unknown-user')) {
    say('skipped', `without a password that works this config cannot say where to: ${why}`, 'Give --password-stdin.');
    return false;
  }
  const seen = `over ${protocol} this config would not let them in: ${why}; the client would read ${quote(clientReads)}`;
  say('problem', seen, 'See every step: postern explain USER');
  return true;
};

/** Undefined: there is none. */
const differenceOf = (running: Placed, dry: Explanation, { quote }: Visit): string | undefined => {
  const theirs = placeText(running.server, String(running.port), running.user, quote);
  if (!dry.letIn) return `the running gateway sends them to ${theirs}, and this config does not let them in (${dry.verdict.kind})`;
  const fields = new Map(dry.reply.headers);
  const ours = placeText(fields.get('Auth-Server'), fields.get('Auth-Port'), fields.get('Auth-User'), quote);
  return ours === theirs ? undefined : `the running gateway sends them to ${theirs}, and this config to ${ours}`;
};

const placeText = (server = '', port = '', user: string | undefined, quote: Visit['quote']): string =>
  `${server} port ${port}${user === undefined ? '' : ` as ${quote(user)}`}`;

const hintOf = ({ placement }: Explanation, protocol: Protocol, { ready }: Told): string => {
  const health = placement === undefined ? undefined : ready?.backends?.[placement.backend]?.health?.[protocol];
  if (placement !== undefined && health !== undefined && health !== 'up' && health !== 'unchecked')
    return `The running gateway sees ${placement.backend} ${health} for ${protocol}, and therefore sends them elsewhere.`;
  return 'It runs with another config (reload it: kill -HUP), or sees other addresses or another store than this command: compare with "postern explain".';
};
