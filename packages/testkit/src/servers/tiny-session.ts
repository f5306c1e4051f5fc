/** What a tiny backend saw and how it is told to behave; shared by its sessions. */
export interface TinyBook {
  readonly name: string;
  /** Credentials that were offered, in order; every login is accepted unless `answer` says otherwise. */
  readonly logins: { readonly user: string; readonly password: string }[];
  /** SMTP: accepted messages with the recipients they were for. */
  readonly messages: { readonly from: string; readonly to: readonly string[]; readonly text: string }[];
}

/** One connection's state: a line in, the reply out (whole lines with CRLF; empty for none). */
export interface TinySession {
  readonly greeting: string;
  take(line: string): { readonly reply: string; readonly close?: boolean };
}
