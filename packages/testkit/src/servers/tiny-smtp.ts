import type { TinyBook, TinySession } from './tiny-session.js';

const address = (line: string): string => /<([^>]*)>/u.exec(line)?.[1] ?? '';

/** Enough SMTP for a proxy, for a curious client, and to be the relay of a submission server. Says its name in answers to EHLO. */
export const tinySmtp = (book: TinyBook): TinySession => {
  let from = '';
  let to: string[] = [];
  let text: string[] | undefined;

  const data = (line: string, lines: string[]): string => {
    if (line !== '.') {
      lines.push(line.replace(/^\./u, ''));
      return '';
    }
    book.messages.push({ from, to, text: lines.join('\n') });
    text = undefined;
    to = [];
    return `250 2.0.0 kept by ${book.name}\r\n`;
  };
  const auth = (line: string): string => {
    const [, user = '', password = ''] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString()
      .split('\0');
    book.logins.push({ user, password });
    return '235 2.7.0 welcome\r\n';
  };

  return {
    greeting: `220 ${book.name} ESMTP\r\n`,
    take: (line) => {
      if (text !== undefined) return { reply: data(line, text) };
      const verb = (line.split(' ')[0] ?? '').toUpperCase();
      switch (verb) {
        case 'EHLO':
          return { reply: `250-${book.name}\r\n250-XCLIENT ADDR NAME LOGIN\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n` };
        case 'XCLIENT':
          return { reply: `220 ${book.name} ESMTP\r\n` };
        case 'AUTH':
          return { reply: auth(line) };
        case 'MAIL':
          from = address(line);
          return { reply: '250 2.1.0 ok\r\n' };
        case 'RCPT':
          to.push(address(line));
          return { reply: `250 2.1.5 taken by ${book.name}\r\n` };
        case 'DATA':
          text = [];
          return { reply: '354 go on\r\n' };
        case 'QUIT':
          return { reply: '221 2.0.0 bye\r\n', close: true };
        default:
          return { reply: `250 2.0.0 ${book.name}\r\n` };
      }
    },
  };
};
