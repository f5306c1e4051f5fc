import { Conversation, type MailProtocol } from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from './people.js';
import type { Stage } from './stage.js';
import { letIn } from './words.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** One login as a mail client makes it, on a connection of its own. */
export interface Login {
  /** What the client reads. */
  readonly answer: string;
  /** The mail server it reached, once it is in. */
  readonly place: string | undefined;
}

export interface LoginWay {
  readonly protocol?: MailProtocol;
  /** nginx's listener; that of the protocol's name when absent. */
  readonly listener?: string;
}

/** `AUTH PLAIN` where there is one, so that any bytes but NUL can be in a login. */
export const logIn = async (stage: Stage, person: Person, { protocol = 'imap', listener = protocol }: LoginWay = {}): Promise<Login> => {
  const client = await Conversation.open(stage.endpoint(listener));
  try {
    await client.line();
    const answer = await ask[protocol](client, person);
    return { answer, place: letIn.test(answer) ? await placeSeen[protocol](client) : undefined };
  } finally {
    client.close();
  }
};

/** Until a login is let in: what a server that came back may need. Gives where it landed. */
export const untilLetIn = async (stage: Stage, person: Person, way: LoginWay = {}): Promise<string | undefined> => {
  for (;;) {
    const { answer, place } = await logIn(stage, person, way);
    if (letIn.test(answer)) return place;
    await pause(100);
  }
};

const ask: Readonly<Record<MailProtocol, (client: Conversation, person: Person) => Promise<string>>> = {
  imap: (client, { user, password }) => client.ask(`a AUTHENTICATE PLAIN ${base64(`\0${user}\0${password}`)}`),
  pop3: async (client, { user, password }) => {
    await client.ask('AUTH PLAIN');
    return client.ask(base64(`\0${user}\0${password}`));
  },
  smtp: (client, { user, password }) => client.ask(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`),
};

const named = (lines: readonly string[]): string => /mail-[ab]/u.exec(lines.join('\n'))?.[0] ?? 'nowhere';

const placeSeen: Readonly<Record<MailProtocol, (client: Conversation) => Promise<string>>> = {
  imap: async (client) => {
    client.send('l LIST "" "on-*"\r\n');
    return named(await client.linesUntil(/^l /u));
  },
  pop3: async (client) => {
    client.send('RETR 1\r\n');
    return named(await client.linesUntil(/^\.$/u));
  },
  smtp: async (client) => {
    client.send('EHLO client.example.org\r\n');
    return named(await client.linesUntil(/^250 /u));
  },
};
