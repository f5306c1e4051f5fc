import { plainText } from '../../logging/plain-text.js';

/** What is looked at, in this order. */
export const sections = ['config', 'gateway', 'operator', 'stores', 'backends', 'nginx'] as const;

export type Section = (typeof sections)[number];

/** `warning`: worth a look, but people can log in. `problem`: somebody cannot log in, or somebody can who must not. */
export type FindingOutcome = 'ok' | 'warning' | 'problem' | 'skipped';

/** One thing that was looked at. Holds no secret; what others said in it is safe for a terminal. */
export interface Finding {
  readonly section: Section;
  /** A door, a store, a backend. */
  readonly about: string;
  readonly outcome: FindingOutcome;
  /** One sentence: what was seen. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export type Tell = (finding: Finding) => void;

/** Tells what was seen of one thing. */
export type Say = (outcome: FindingOutcome, detail: string, hint?: string) => void;

export const sayOf =
  (tell: Tell, section: Section, about: string): Say =>
  (outcome, detail, hint) =>
    tell({ section, about: plain(about), outcome, detail: plain(detail), ...(hint === undefined ? {} : { hint: plain(hint) }) });

const plain = (text: string): string => plainText(text, 1000);
