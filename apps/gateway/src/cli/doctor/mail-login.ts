import type { ConnectionOptions } from 'node:tls';
import type { Protocol } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';
import { Talk, TalkError, type TalkLimits } from './talk.js';

export interface FrontTls {
  readonly options: ConnectionOptions;
  /** From the first byte, or after a command (STARTTLS, STLS). */
  readonly from: 'start' | 'command';
}

export interface MailLogin {
  readonly protocol: Protocol;
  readonly address: ListenAddress;
  readonly tls: FrontTls | undefined;
  /** Absent: the greeting is all. */
  readonly person: { readonly user: string; readonly password: string } | undefined;
  readonly limits: TalkLimits;
}

/** `said`: the last line of the server, latin1. */
export interface LoginOutcome {
  readonly kind: 'greeted' | 'in' | 'refused';
  readonly said: string;
}

/** One login as a small mail client makes it. Rejects when the server cannot be reached or says what no such server says. */
export const logIn = async ({ protocol, address, tls, person, limits }: MailLogin): Promise<LoginOutcome> => {
  const talk = await Talk.open(address, limits, tls?.from === 'start' ? tls.options : undefined);
  try {
    const dialogue = dialogues[protocol];
    const greeting = await talk.line();
    if (!greeting.startsWith(dialogue.greeting)) throw new TalkError(`its greeting does not begin with ${dialogue.greeting}`);
    if (dialogue.begin !== undefined) await dialogue.begin(talk);
    if (tls?.from === 'command') {
      await dialogue.startTls(talk);
      await talk.startTls(tls.options);
      if (dialogue.begin !== undefined) await dialogue.begin(talk);
    }
    const outcome =
      person === undefined
        ? { kind: 'greeted' as const, said: greeting }
        : await dialogue.logIn(talk, bytes(person.user), bytes(person.password));
    talk.send(dialogue.farewell);
    return outcome;
  } finally {
    talk.close();
  }
};

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

interface Dialogue {
  readonly greeting: string;
  readonly farewell: string;
  /** What must be said before anything else, and again after TLS. */
  readonly begin?: (talk: Talk) => Promise<void>;
  readonly startTls: (talk: Talk) => Promise<void>;
  /** `user` and `password` are latin1. */
  readonly logIn: (talk: Talk, user: string, password: string) => Promise<LoginOutcome>;
}

const wanted = (line: string, begin: string, what: string): string => {
  if (!line.startsWith(begin)) throw new TalkError(`it answers ${what} with no ${begin.trim()}`);
  return line;
};

/** The line that ends a command, or asks for more. */
const imapLine = async (talk: Talk, tag: string): Promise<string> => {
  for (;;) {
    const line = await talk.line();
    if (line.startsWith('+') || line.startsWith(`${tag} `)) return line;
    if (!line.startsWith('* ')) throw new TalkError('it says what no IMAP server says');
  }
};

const imap: Dialogue = {
  greeting: '* OK',
  farewell: 'z LOGOUT\r\n',
  startTls: async (talk) => {
    talk.send('t STARTTLS\r\n');
    wanted(await imapLine(talk, 't'), 't OK', 'STARTTLS');
  },
  // Literals carry any byte.
  logIn: async (talk, user, password) => {
    let line = '+';
    for (const part of [`a LOGIN {${user.length}}\r\n`, `${user} {${password.length}}\r\n`, `${password}\r\n`]) {
      if (!line.startsWith('+')) break;
      talk.send(part);
      line = await imapLine(talk, 'a');
    }
    return { kind: line.startsWith('a OK') ? 'in' : 'refused', said: line };
  },
};

const lineBreaking = /[\0\r\n]/;

const pop3: Dialogue = {
  greeting: '+OK',
  farewell: 'QUIT\r\n',
  startTls: async (talk) => {
    talk.send('STLS\r\n');
    wanted(await talk.line(), '+OK', 'STLS');
  },
  logIn: async (talk, user, password) => {
    if (lineBreaking.test(user + password)) throw new TalkError('this login cannot be said in POP3: it holds a line break or NUL');
    let line = '+OK';
    for (const part of [`USER ${user}\r\n`, `PASS ${password}\r\n`]) {
      if (!line.startsWith('+OK')) break;
      talk.send(part);
      line = await talk.line();
    }
    return { kind: line.startsWith('+OK') ? 'in' : 'refused', said: line };
  },
};

/** The last line of a reply that may have several. */
const smtpLine = async (talk: Talk): Promise<string> => {
  for (;;) {
    const line = await talk.line();
    if (!/^\d{3}-/.test(line)) return line;
  }
};

const smtp: Dialogue = {
  greeting: '220',
  farewell: 'QUIT\r\n',
  begin: async (talk) => {
    talk.send('EHLO doctor.invalid\r\n');
    wanted(await smtpLine(talk), '250', 'EHLO');
  },
  startTls: async (talk) => {
    talk.send('STARTTLS\r\n');
    wanted(await smtpLine(talk), '220', 'STARTTLS');
  },
  logIn: async (talk, user, password) => {
    talk.send(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`, 'latin1').toString('base64')}\r\n`);
    const line = await smtpLine(talk);
    return { kind: line.startsWith('235') ? 'in' : 'refused', said: line };
  },
};

const dialogues: Readonly<Record<Protocol, Dialogue>> = { imap, pop3, smtp };
