import { connectTo, type Endpoint } from '@postern/testkit';
import { header, questionBytes } from '../support/ask.js';
import { kindOf, type Addresses, type Answer, type Login } from './login.js';
import { sharedKey } from './people.js';

/** Talks on a connection of its own until `heard` makes an answer of all that came; `patienceMs` without one is silence. */
const talk = (
  endpoint: Endpoint,
  patienceMs: number,
  first: Uint8Array | undefined,
  heard: (text: string, closed: boolean, say: (text: string) => void) => Answer | undefined,
): Promise<Answer> =>
  new Promise((resolve) => {
    const socket = connectTo(endpoint);
    let text = '';
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle({ kind: 'silent', text: text.slice(-80) }), patienceMs);
    const look = (closed: boolean): void => {
      const answer = heard(text, closed, (line) => void socket.write(line));
      if (answer !== undefined) settle(answer);
      else if (closed) settle({ kind: 'cut', text: text.slice(-80) });
    };
    socket.setEncoding('latin1').on('data', (piece: string | Buffer) => {
      text += piece.toString();
      look(false);
    });
    socket.on('error', () => look(true)).on('close', () => look(true));
    if (first !== undefined) socket.write(first);
  });

/** Asks as nginx does. */
export const askDoor = (endpoint: Endpoint, login: Login, addresses: Addresses, patienceMs: number): Promise<Answer> => {
  const { person, password, protocol, clientIp } = login;
  const question = questionBytes({ user: person.user, password, protocol, key: sharedKey, clientIp });
  return talk(endpoint, patienceMs, question, (text, closed) => {
    if (!closed || text === '') return undefined;
    const status = header(text, 'Auth-Status') ?? '';
    if (status !== 'OK') return kindOf(status);
    const address = `${header(text, 'Auth-Server') ?? ''}:${header(text, 'Auth-Port') ?? ''}`;
    return { kind: 'accepted', backend: addresses.get(address) ?? address, user: header(text, 'Auth-User') ?? person.user, text: 'OK' };
  });
};

/** Logs in as a mail program does, and looks whose mail server that is. */
export const askNginx = (endpoint: Endpoint, login: Login, patienceMs: number): Promise<Answer> => {
  const { person, password } = login;
  let said = 0;
  const steps = [`a LOGIN ${person.user} ${password}\r\n`, 'l LIST "" "on-*"\r\n'];
  return talk(endpoint, patienceMs, undefined, (text, _closed, say) => {
    const advance = (): undefined => {
      const step = steps[said];
      said += 1;
      if (step !== undefined) say(step);
      return undefined;
    };
    const lines = text.split('\r\n');
    if (said === 0) return lines.length > 1 ? advance() : undefined;
    const denied = lines.find((line) => /^a (?:NO|BAD)|^\* (?:BAD|BYE)/u.test(line));
    if (denied !== undefined) return kindOf(denied);
    if (said === 1) return lines.some((line) => line.startsWith('a OK')) ? advance() : undefined;
    const backend = /on-(mail-[ab])/u.exec(text)?.[1];
    return backend === undefined ? undefined : { kind: 'accepted', backend, user: person.user, text: 'OK' };
  });
};
