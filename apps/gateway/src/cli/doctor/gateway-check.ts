import { listenText, type ListenAddress } from '@postern/kernel';
import { checkDoor, type OpenDoor } from './door-check.js';
import { httpAsker, nginxAsker } from './door-question.js';
import { sayOf } from './finding.js';
import { personAtDoor } from './person-check.js';
import { reasonOf } from './talk.js';
import { reachable, spotOf } from './this-machine.js';
import type { DoorReplies, Visit } from './visit.js';

/** The gateway answers at its own deadline; this is what the way there and back may take beside it. */
const onTheWayMs = 500;

/** Asks the doors of the running gateway as nginx asks them. Gives what it said of the person. */
export const checkGateway = async (visit: Visit): Promise<DoorReplies> => {
  const { core } = visit.config;
  const ms = core.nginx.deadline + onTheWayMs;
  const well: OpenDoor[] = [];
  for (const address of core.listen) {
    const name = `nginx door ${listenText(address)}`;
    const target = await targetOf(address, name, visit);
    if (target === undefined) continue;
    const door = { name, ask: nginxAsker(target, ms) };
    if (await checkDoor(door, visit)) well.push(door);
  }
  for (const address of core.proxy?.listen ?? []) {
    const name = `Express door ${listenText(address)}`;
    const target = core.proxy?.tls?.clientCa === undefined ? await targetOf(address, name, visit) : certificateWanted(name, visit);
    if (target === undefined) continue;
    const door = { name, ask: httpAsker(target, ms, core.proxy?.tls !== undefined) };
    if (await checkDoor(door, visit)) well.push(door);
  }
  return personAtDoor(well[0], visit);
};

const certificateWanted = (name: string, { tell }: Visit): undefined => {
  const hint = "Ask it through the shim on the mail proxy's host.";
  sayOf(tell, 'gateway', name)('skipped', 'it wants a client certificate, and this command has none', hint);
};

/** Undefined: it cannot be asked from here, and that was told. The key and passwords go over it in clear text, as nginx sends them. */
const targetOf = async (address: ListenAddress, name: string, { tell }: Visit): Promise<ListenAddress | undefined> => {
  const say = sayOf(tell, 'gateway', name);
  if (address.kind === 'unix') return address;
  if (address.port === 0) {
    say('skipped', 'any free port: only the gateway knows which', 'Give it a port in the config.');
    return undefined;
  }
  const target = reachable(address);
  try {
    const { address: host, ours } = await spotOf(target.kind === 'tcp' ? target.host : '');
    if (ours) return { ...address, host };
    say('skipped', `${host} is no address of this machine`, "Run this on the gateway's host.");
  } catch (error) {
    say('problem', `the name cannot be looked up: ${reasonOf(error)}`, 'Give an IP address in the config.');
  }
  return undefined;
};
