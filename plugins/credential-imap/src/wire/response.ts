import { NotImap } from './response-reader.js';

export type Status = 'OK' | 'NO' | 'BAD';

/** `code`: the word in brackets, upper case; `?` when something stands in brackets that is no code. */
export interface Reply {
  readonly status: Status;
  readonly code?: string;
  /** For people; there where there is no code. */
  readonly text?: string;
}

export type Response =
  | { readonly kind: 'continue' }
  | { readonly kind: 'capability'; readonly names: readonly string[] }
  | { readonly kind: 'greeting'; readonly names?: readonly string[] }
  | { readonly kind: 'preauth' }
  | { readonly kind: 'bye' }
  | { readonly kind: 'tagged'; readonly tag: string; readonly reply: Reply; readonly names?: readonly string[] }
  /** Something that a login can do without. */
  | { readonly kind: 'other' };

const tagged = /^([A-Za-z0-9.]+) (OK|NO|BAD)(?: +(.*))?$/is;
const capabilities = /^(?:\[)?CAPABILITY ([^\]\r\n]*)/i;
const code = /^\[([A-Za-z][^\s\]]*)(?: [^\]]*)?\]/;

const namesOf = (text: string): { readonly names?: readonly string[] } => {
  const [, list] = capabilities.exec(text) ?? [];
  return list === undefined ? {} : { names: list.toUpperCase().split(' ') };
};

const replyOf = (status: string, text: string): Reply => {
  const word = status.toUpperCase() as Status;
  if (!text.startsWith('[')) return { status: word, text };
  return { status: word, code: code.exec(text)?.[1]?.toUpperCase() ?? '?' };
};

const untagged = (text: string): Response => {
  const [word = ''] = text.split(' ', 1);
  const rest = text.slice(word.length + 1);
  switch (word.toUpperCase()) {
    case 'OK':
      return { kind: 'greeting', ...namesOf(rest) };
    case 'PREAUTH':
      return { kind: 'preauth' };
    case 'BYE':
      return { kind: 'bye' };
    case 'CAPABILITY':
      return { kind: 'capability', names: rest.toUpperCase().split(' ') };
    default:
      return { kind: 'other' };
  }
};

/** Throws `NotImap`. */
export const parseResponse = (text: string): Response => {
  if (text === '+' || text.startsWith('+ ')) return { kind: 'continue' };
  if (text.startsWith('* ')) return untagged(text.slice(2));
  const [, tag, status, rest = ''] = tagged.exec(text) ?? [];
  if (tag === undefined || status === undefined) throw new NotImap('what came is no IMAP response');
  return { kind: 'tagged', tag, reply: replyOf(status, rest), ...namesOf(rest) };
};
