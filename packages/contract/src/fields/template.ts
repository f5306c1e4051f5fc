import { z } from 'zod';
import type { Account } from '../account.js';
import type { LoginAttempt } from '../attempt.js';

/** What templates know: `{user}`, `{local}`, `{domain}`, `{protocol}`, `{clientIp}`, and `{attributes.NAME}` where an account is known. */
export type TemplateVariable = (typeof templateVariables)[number] | `attributes.${string}`;

export const templateVariables = ['user', 'local', 'domain', 'protocol', 'clientIp'] as const;

export type TemplatePart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'variable'; readonly name: TemplateVariable };

/** Parts of a canonical user: everything before and after the last `@`; without one, the domain is empty. */
export const splitUser = (user: string): { readonly local: string; readonly domain: string } => {
  const at = user.lastIndexOf('@');
  return at < 0 ? { local: user, domain: '' } : { local: user.slice(0, at), domain: user.slice(at + 1) };
};

/** The value of one variable; undefined for an attribute that the account lacks. */
export const templateValue = (name: TemplateVariable, attempt: LoginAttempt, account?: Account): string | undefined => {
  const user = account?.user ?? attempt.user;
  switch (name) {
    case 'user':
      return user;
    case 'local':
      return splitUser(user).local;
    case 'domain':
      return splitUser(user).domain;
    case 'protocol':
      return attempt.protocol;
    case 'clientIp':
      return attempt.client.ip;
    default: {
      const key = name.slice('attributes.'.length);
      return account !== undefined && Object.hasOwn(account.attributes, key) ? account.attributes[key] : undefined;
    }
  }
};

/** A text with `{variables}`. Parsed once, at boot; a brace is written `{{` or `}}`. */
export class Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];

  private constructor(text: string, parts: readonly TemplatePart[]) {
    this.text = text;
    this.parts = parts;
  }

  /** Throws an `Error` whose message names the unknown variable or the stray brace. */
  static parse(text: string): Template {
    const parts: TemplatePart[] = [];
    for (const [piece] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) parts.push(parsePiece(piece, text));
    return new Template(text, parts);
  }

  /** The variables it uses, in order. */
  get variables(): readonly TemplateVariable[] {
    return this.parts.flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
  }

  /** Fills it in. `escape` is applied to values, never to the text around them. Undefined when a value is missing. */
  render(attempt: LoginAttempt, account?: Account, escape: (value: string) => string = (value) => value): string | undefined {
    let rendered = '';
    for (const part of this.parts) {
      const value = part.kind === 'text' ? part.text : templateValue(part.name, attempt, account);
      if (value === undefined) return undefined;
      rendered += part.kind === 'text' ? value : escape(value);
    }
    return rendered;
  }

  toJSON(): string {
    return this.text;
  }
}

const parsePiece = (piece: string, whole: string): TemplatePart => {
  if (piece === '{{' || piece === '}}') return { kind: 'text', text: piece.charAt(0) };
  if (piece === '{' || piece === '}') throw new Error(`a stray ${piece} in "${whole}"; write ${piece}${piece} for the character itself`);
  if (!piece.startsWith('{')) return { kind: 'text', text: piece };
  const name = piece.slice(1, -1);
  if (isVariable(name)) return { kind: 'variable', name };
  throw new Error(
    `unknown variable {${name}}; there are ${templateVariables.map((known) => `{${known}}`).join(', ')} and {attributes.NAME}`,
  );
};

const isVariable = (name: string): name is TemplateVariable =>
  (templateVariables as readonly string[]).includes(name) || /^attributes\.[^{}]+$/.test(name);

/** A config field for a template. */
export const template = (): z.ZodType<Template, string> =>
  z.string().transform((text, context) => {
    try {
      return Template.parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
