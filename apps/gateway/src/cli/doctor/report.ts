import type { Finding, FindingOutcome } from './finding.js';

const outcomeWidth = 'warning'.length;
const indent = ' '.repeat(outcomeWidth + 4);

/** SGR codes: green, yellow, red, dim. */
const colours: Readonly<Record<FindingOutcome, number>> = { ok: 32, warning: 33, problem: 31, skipped: 2 };

/** Findings for a terminal, line by line as they come: a heading where a section begins, advice under what is not well. */
export class Report {
  readonly #write: (text: string) => void;
  readonly #coloured: boolean;
  readonly #findings: Finding[] = [];

  constructor(write: (text: string) => void, coloured: boolean) {
    this.#write = write;
    this.#coloured = coloured;
  }

  add(finding: Finding): void {
    const { section, about, outcome, detail, hint } = finding;
    const begins = this.#findings.at(-1)?.section !== section;
    const heading = begins ? `${this.#findings.length === 0 ? '' : '\n'}${section}\n` : '';
    this.#findings.push(finding);
    const word = this.#painted(outcome.padEnd(outcomeWidth), outcome);
    const advice = hint === undefined || outcome === 'ok' ? '' : `${indent}→ ${hint}\n`;
    this.#write(`${heading}  ${word}  ${about}: ${detail}\n${advice}`);
  }

  end(): void {
    this.#write(`\n${countText(this.#findings)}\n`);
  }

  #painted(text: string, outcome: FindingOutcome): string {
    return this.#coloured ? `\u001b[${colours[outcome]}m${text}\u001b[0m` : text;
  }
}

const countText = (findings: readonly Finding[]): string => {
  const count = (outcome: FindingOutcome): number => findings.filter((finding) => finding.outcome === outcome).length;
  const said = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  return `${count('ok')} ok, ${said(count('warning'), 'warning')}, ${said(count('problem'), 'problem')}, ${count('skipped')} skipped`;
};
