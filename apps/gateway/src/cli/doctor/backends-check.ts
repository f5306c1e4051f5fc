import { protocols } from '@postern/contract';
import { sayOf } from './finding.js';
import type { AskedPort } from './ports.js';
import type { Visit } from './visit.js';

/** Every backend that is not down by the config: does it greet, and is it there once only? */
export const checkBackends = async (visit: Visit): Promise<void> => {
  const { config, ports, tell } = visit;
  const asked = await ports.all();
  const backends = Object.entries(config.core.backends);
  if (backends.length === 0) return sayOf(tell, 'backends', 'backends')('skipped', 'the config declares none');
  for (const [name, { state }] of backends) {
    if (state === 'down') sayOf(tell, 'backends', name)('skipped', 'down by the config');
    else
      await tellOfBackend(
        name,
        asked.filter(({ backend }) => backend === name),
        visit,
      );
  }
  tellOfTwins(visit);
};

const tellOfBackend = async (name: string, asked: readonly AskedPort[], visit: Visit): Promise<void> => {
  const say = sayOf(visit.tell, 'backends', name);
  const host = asked[0]?.host ?? '';
  const greeting = asked.filter(({ result }) => result.kind === 'greeted');
  if (greeting.length > 0) say('ok', `${host} greets: ${portsText(greeting)}`);
  for (const [why, ports] of byFailure(asked)) {
    const harmless: AskedPort[] = [];
    for (const port of ports) if (greeting.length > 0 && !port.written && !(await visit.ports.isUsed(port.protocol))) harmless.push(port);
    const harmful = ports.filter((port) => !harmless.includes(port));
    if (harmful.length > 0)
      say(
        'problem',
        `${host} does not greet: ${portsText(harmful)}: ${why}`,
        'Start that server, open the way to it, or mend its address and ports.',
      );
    // Nobody may use a protocol that no config names and no server speaks.
    if (harmless.length > 0)
      say(
        'warning',
        `${host} does not greet: ${portsText(harmless)}: ${why}`,
        `If nobody uses ${harmless.map(({ protocol }) => protocol).join(', ')}, all is well.`,
      );
  }
};

const portsText = (ports: readonly AskedPort[]): string => ports.map(({ protocol, port }) => `${protocol} ${port}`).join(', ');

const byFailure = (asked: readonly AskedPort[]): ReadonlyMap<string, readonly AskedPort[]> => {
  const failures = new Map<string, AskedPort[]>();
  for (const port of asked)
    if (port.result.kind === 'failed') failures.set(port.result.why, [...(failures.get(port.result.why) ?? []), port]);
  return failures;
};

const tellOfTwins = ({ config, tell }: Visit): void => {
  const at = new Map<string, string[]>();
  for (const [name, backend] of Object.entries(config.core.backends)) {
    for (const protocol of protocols) {
      const place = `${protocol} at ${backend.host} port ${backend[protocol]}`;
      at.set(place, [...(at.get(place) ?? []), name]);
    }
  }
  const pairs = new Map<string, string[]>();
  for (const [place, names] of at) if (names.length > 1) pairs.set(names.join(', '), [...(pairs.get(names.join(', ')) ?? []), place]);
  for (const [names, places] of pairs)
    sayOf(tell, 'backends', names)(
      'warning',
      `are one and the same server: ${places.join('; ')}`,
      'Is one of them a mistake? Mailboxes are spread by name.',
    );
};
