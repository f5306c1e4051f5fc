import type { MailServer } from './mail-server.js';
import type { Directive } from './nginx-tree.js';
import type { PosternFacts } from './postern-facts.js';

export type Level = 'error' | 'warning';

/** One thing about an nginx config. Holds no value of `auth_http_header` and no key. */
export interface Finding {
  readonly level: Level;
  /** The rule's name, for scripts. */
  readonly rule: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly directive: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
}

/** What a rule is shown: one mail server of the config. */
export interface Looked {
  readonly server: MailServer;
  readonly facts: PosternFacts;
  /** The whole config, for the few rules that must know what else is there. */
  readonly config: readonly Directive[];
}

export type Rule = (looked: Looked) => readonly Finding[];

/** A finding at a directive; `named` for one that is missing there. */
export const finding = (
  level: Level,
  rule: string,
  { file, line, name }: Directive,
  message: string,
  hint: string,
  named = name,
): Finding => ({ level, rule, file, line, directive: named, message, hint });
