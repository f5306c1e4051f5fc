import type { TinyBook, TinySession } from './tiny-session.js';

const unquote = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(["\\])/gu, '$1') : text);

type Reply = ReturnType<TinySession['take']>;

/** Enough IMAP for a proxy and a curious client: LOGIN in all forms, LIST (one mailbox, `on-NAME`), LOGOUT. */
export const tinyImap = (book: TinyBook): TinySession => {
  // A literal's bytes come as the start of the next line, which is why one pending continuation is all the state there is.
  let pending: ((line: string) => Reply) | undefined;

  const accept = (tag: string, user: string, password: string): Reply => {
    book.logins.push({ user, password });
    return { reply: `${tag} OK welcome to ${book.name}\r\n` };
  };
  const password =
    (tag: string, user: string) =>
    (line: string): Reply =>
      accept(tag, user, line);
  const userThenPassword =
    (tag: string, userLength: number) =>
    (line: string): Reply => {
      const user = Buffer.from(line).subarray(0, userLength).toString();
      const rest = line.slice(user.length + 1);
      if (/^\{\d+\}$/u.test(rest)) {
        pending = password(tag, user);
        return { reply: '+ go on\r\n' };
      }
      return accept(tag, user, unquote(rest));
    };
  const login = (tag: string, args: string): Reply => {
    const literal = /^\{(\d+)\}$/u.exec(args);
    if (literal !== null) {
      pending = userThenPassword(tag, Number(literal[1]));
      return { reply: '+ go on\r\n' };
    }
    const [, user = '', secret = ''] = /^("(?:[^"\\]|\\.)*"|\S+) (.*)$/u.exec(args) ?? [];
    return accept(tag, unquote(user), unquote(secret));
  };

  return {
    greeting: `* OK ${book.name} ready\r\n`,
    take: (line) => {
      const resume = pending;
      pending = undefined;
      if (resume !== undefined) return resume(line);
      const [tag = '*', verb = '', ...rest] = line.split(' ');
      switch (verb.toUpperCase()) {
        case 'LOGIN':
          return login(tag, rest.join(' '));
        case 'CAPABILITY':
          return { reply: `* CAPABILITY IMAP4rev1\r\n${tag} OK done\r\n` };
        case 'LIST':
          return { reply: `* LIST () "." on-${book.name}\r\n${tag} OK done\r\n` };
        case 'LOGOUT':
          return { reply: `* BYE\r\n${tag} OK done\r\n`, close: true };
        default:
          return { reply: `${tag} OK ${book.name}\r\n` };
      }
    },
  };
};
