import type { Directive } from './nginx-tree.js';

export type MailProtocol = 'imap' | 'pop3' | 'smtp';

/** The ports by which nginx knows the protocol of a server that names none. */
const protocolPorts: ReadonlyMap<string, MailProtocol> = new Map([
  ...(['143', '993'] as const).map((port) => [port, 'imap'] as const),
  ...(['110', '995'] as const).map((port) => [port, 'pop3'] as const),
  ...(['25', '587', '465'] as const).map((port) => [port, 'smtp'] as const),
]);

const defaultMethods: Readonly<Record<MailProtocol, readonly string[]>> = { imap: ['plain'], pop3: ['plain'], smtp: ['plain', 'login'] };

/** One `server {}` within `mail {}`, with what it inherits. */
export class MailServer {
  readonly directive: Directive;
  readonly #mail: Directive;

  constructor(directive: Directive, mail: Directive) {
    this.directive = directive;
    this.#mail = mail;
  }

  get listens(): readonly Directive[] {
    return this.own('listen');
  }

  /** Those of the server itself. */
  own(name: string): readonly Directive[] {
    return (this.directive.block ?? []).filter((directive) => directive.name === name);
  }

  /** Those of `mail {}`. */
  outer(name: string): readonly Directive[] {
    return (this.#mail.block ?? []).filter((directive) => directive.name === name);
  }

  /** Those in force: the outer ones count only where the server has none of its own. */
  all(name: string): readonly Directive[] {
    const own = this.own(name);
    return own.length > 0 ? own : this.outer(name);
  }

  one(name: string): Directive | undefined {
    return this.all(name)[0];
  }

  /** Its first word; undefined where the directive is absent. */
  word(name: string): string | undefined {
    return this.one(name)?.words[0];
  }

  /** Undefined: nginx will not know it either. */
  get protocol(): MailProtocol | undefined {
    const [said] = this.own('protocol');
    const word = said?.words[0];
    if (said !== undefined) return word === 'imap' || word === 'pop3' || word === 'smtp' ? word : undefined;
    return this.listens.map(({ words }) => protocolPorts.get(portOf(words[0] ?? ''))).find((protocol) => protocol !== undefined);
  }

  /** What `imap_auth`, `pop3_auth` or `smtp_auth` say, or nginx's default. */
  get methods(): readonly string[] {
    const { protocol } = this;
    if (protocol === undefined) return [];
    return this.one(`${protocol}_auth`)?.words ?? defaultMethods[protocol];
  }

  /** Whether somebody with a password comes in here. */
  get takesLogins(): boolean {
    return this.methods.some((method) => method !== 'none');
  }

  get implicitTls(): boolean {
    return this.listens.some(({ words }) => words.includes('ssl')) || this.word('ssl') === 'on';
  }

  get startTls(): boolean {
    const word = this.word('starttls');
    return word === 'on' || word === 'only';
  }
}

export const portOf = (address: string): string => (/^\d+$/.test(address) ? address : (/:(\d+)$/.exec(address)?.[1] ?? ''));
