import type { Verdict } from '@postern/contract';
import type { Entry } from './directory-types.js';
import { isDnText } from './dn-template.js';
import { folded } from './names.js';

/** Active Directory's names of an account that are no DN. */
const [principal, short] = ['userPrincipalName', 'sAMAccountName'] as const;

/** One form for a DN in several spellings. */
const plainDn = (dn: string): string => folded(dn).replaceAll(/\s*([,=+])\s*/g, '$1');

/** `ann` of `CORP\ann` and of `ann@corp.example.org`, in one form. */
const shortName = (name: string): string => folded(name).replace(/^.*\\|@.*$/g, '');

/**
 * The account that searches, as somebody who must not log in: wrong passwords tried there could have the directory lock it, and then
 * nobody could log in any more.
 */
export class ServiceAccount {
  readonly #name: string | undefined;
  readonly #isDn: boolean;

  /** `name`: as configured; undefined where nobody searches. */
  constructor(name: string | undefined) {
    this.#name = name;
    this.#isDn = name !== undefined && isDnText(name);
  }

  /** What a search must bring along to tell. */
  get wanted(): readonly string[] {
    return this.#name === undefined || this.#isDn ? [] : [principal, short];
  }

  owns(entry: Entry): boolean {
    const name = this.#name;
    if (name === undefined) return false;
    if (this.#isDn) return entry.dn !== undefined && plainDn(entry.dn) === plainDn(name);
    const has = (attribute: string, wanted: string): boolean =>
      entry.values(attribute).some((value) => folded(value.toString('utf8')) === wanted);
    return has(principal, folded(name)) || has(short, shortName(name));
  }

  /** Whether somebody who logs in as `name` does so as the service account. */
  isCalled(name: string): boolean {
    if (this.#name === undefined || isDnText(name) !== this.#isDn) return false;
    return this.#isDn ? plainDn(name) === plainDn(this.#name) : shortName(name) === shortName(this.#name);
  }
}

export const ownAccount: Verdict = {
  kind: 'refused',
  why: 'policy',
  proofHeld: false,
  rule: 'it is the service account: wrong passwords could lock it',
};
