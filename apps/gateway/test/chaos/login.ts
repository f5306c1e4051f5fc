import type { Home, Person } from './people.js';

/** How a login is asked about: at the gateway's own door, or as a mail program through nginx. */
export type Way = 'door' | 'nginx';

/** One login that is tried. */
export interface Login {
  readonly person: Person;
  /** What is said. */
  readonly password: string;
  readonly way: Way;
  readonly protocol: 'imap' | 'pop3';
  readonly clientIp: string;
}

/**
 * What was heard. `refused`: words that say no, which make mail programs throw a password away. `error`: nginx's own words for a
 * gateway or a mail server that is away. `cut`: the connection was not taken, or ended without an answer. `silent`: nothing came for as long as
 * anybody waits. `garbled`: anything else.
 */
export const answerKinds = ['accepted', 'refused', 'limited', 'deferred', 'error', 'cut', 'silent', 'garbled'] as const;
export type AnswerKind = (typeof answerKinds)[number];

export interface Answer {
  readonly kind: AnswerKind;
  /** Of an accepted login at the door. */
  readonly backend?: string;
  readonly user?: string;
  /** For messages: what was heard, cut short. */
  readonly text: string;
}

/** An answer with its times, on one monotonic clock, in milliseconds. */
export interface Experience {
  readonly login: Login;
  readonly answer: Answer;
  readonly from: number;
  readonly to: number;
}

export const isRight = ({ person, password }: Login): boolean => person.enabled && password === person.password;

const words: readonly (readonly [AnswerKind, RegExp])[] = [
  ['refused', /\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|AUTH)\]/u],
  ['deferred', /\[(?:UNAVAILABLE|SYS\/TEMP)\] Temporary/u],
  ['limited', /\[(?:LIMIT|SYS\/TEMP)\] Too many/u],
  ['error', /internal server error/u],
];

const shown = 160;

/** Puts the words of a denial, or of nginx, into their kind. */
export const kindOf = (text: string): Answer => ({
  kind: words.find(([, pattern]) => pattern.test(text))?.[0] ?? 'garbled',
  text: text.slice(0, shown),
});

/** Homes by the `HOST:PORT` that is told for them. */
export type Addresses = ReadonlyMap<string, Home>;
