import { protocols, type Protocol } from '@postern/contract';
import { oddText, type OpenDoor } from './door-check.js';
import type { DoorReply } from './door-reply.js';
import { sayOf } from './finding.js';
import type { DoorReplies, Visit } from './visit.js';

/** A real login at the first door that works, for each protocol, and whether a mail server greets where it is sent. */
export const personAtDoor = async (door: OpenDoor | undefined, visit: Visit): Promise<DoorReplies> => {
  const replies = new Map<Protocol, DoorReply>();
  const { person, tell } = visit;
  const password = person?.password;
  if (person === undefined || password === undefined) {
    sayOf(tell, 'gateway', 'a real login')('skipped', 'nobody to log in with', 'Give --user USER and --password-stdin.');
    return replies;
  }
  if (door === undefined) {
    sayOf(tell, 'gateway', 'a real login')('skipped', 'no door of the gateway is well');
    return replies;
  }
  const { clientIp, tls, config } = visit;
  const key = config.core.nginx.key?.[0]?.reveal();
  for (const protocol of protocols) {
    const reply = await door.ask({ user: person.user, password, protocol, clientIp, tls, key });
    replies.set(protocol, reply);
    await tellOfPerson(reply, person.user, protocol, visit);
    // A wrong password is tried once: stores and directories count.
    if (reply.kind !== 'placed') break;
  }
  return replies;
};

const tellOfPerson = async (reply: DoorReply, user: string, protocol: Protocol, visit: Visit): Promise<void> => {
  const say = sayOf(visit.tell, 'gateway', `${user} over ${protocol}`);
  switch (reply.kind) {
    case 'placed':
      return tellOfPlace(reply, protocol, visit, user);
    case 'denied':
      return say('problem', `is turned away: ${visit.quote(reply.words)}`, 'See why: postern explain USER --password-stdin');
    case 'odd':
      return say('problem', oddText(reply, visit), 'See who listens there: is it a Postern of this version?');
    case 'silent':
      return say('problem', reply.why, 'Look into its log.');
  }
};

const tellOfPlace = async (
  { server, port, user: canonical }: Extract<DoorReply, { readonly kind: 'placed' }>,
  protocol: Protocol,
  visit: Visit,
  user: string,
): Promise<void> => {
  const say = sayOf(visit.tell, 'gateway', `${user} over ${protocol}`);
  const place = `${server} port ${port}${canonical === undefined ? '' : ` as ${visit.quote(canonical)}`}`;
  const greeting = await visit.ports.greeting(server, port, protocol);
  if (greeting.kind === 'greeted') return say('ok', `is let in and sent to ${place}, where a mail server greets`);
  const why = `is let in and sent to ${place}, where no mail server greets: ${greeting.why}`;
  if (await visit.ports.isUsed(protocol)) return say('problem', why, 'Start that server, or mend its address and port in the config.');
  say('warning', why, `If nobody uses ${protocol}, all is well.`);
};
