import type { Protocol } from '@postern/contract';
import type { HeaderField } from './head.js';

/** What nginx says on its own after an SMTP login that worked; IMAP and POP3 clients hear the mail server. */
const smtpWelcome = '235 2.0.0 OK';
const smtpDefaultCode = '535 5.7.0';

/** The line a mail client would read, without the IMAP tag (`ngx_mail_auth_http_process_headers`). `headers`: as `Encoder` makes them. For people. */
export const clientText = (headers: readonly HeaderField[], protocol: Protocol): string => {
  const status = valueOf(headers, 'Auth-Status') ?? '';
  switch (protocol) {
    case 'imap':
      return status === 'OK' ? 'OK (in the words of the mail server)' : `NO ${status}`;
    case 'pop3':
      return status === 'OK' ? '+OK (in the words of the mail server)' : `-ERR ${status}`;
    case 'smtp':
      return status === 'OK' ? smtpWelcome : `${valueOf(headers, 'Auth-Error-Code') ?? smtpDefaultCode} ${status}`;
  }
};

const valueOf = (headers: readonly HeaderField[], name: string): string | undefined => headers.find(([one]) => one === name)?.[1];
