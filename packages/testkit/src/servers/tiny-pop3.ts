import type { TinyBook, TinySession } from './tiny-session.js';

/** Enough POP3 for a proxy and a curious client: USER, PASS, and one message whose subject is `NAME USER`. */
export const tinyPop3 = (book: TinyBook): TinySession => {
  let user = '';
  return {
    greeting: `+OK ${book.name} ready\r\n`,
    take: (line) => {
      const verb = (line.split(' ')[0] ?? '').toUpperCase();
      const rest = line.slice(verb.length + 1);
      switch (verb) {
        case 'USER':
          user = rest;
          return { reply: '+OK\r\n' };
        case 'PASS':
          book.logins.push({ user, password: rest });
          return { reply: `+OK welcome to ${book.name}\r\n` };
        case 'STAT':
          return { reply: '+OK 1 20\r\n' };
        case 'LIST':
          return { reply: '+OK\r\n1 20\r\n.\r\n' };
        case 'CAPA':
          return { reply: '+OK\r\nUSER\r\n.\r\n' };
        case 'RETR':
          return { reply: `+OK\r\nSubject: ${book.name} ${user}\r\n\r\n.\r\n` };
        case 'QUIT':
          return { reply: '+OK\r\n', close: true };
        default:
          return { reply: `+OK ${book.name}\r\n` };
      }
    },
  };
};
