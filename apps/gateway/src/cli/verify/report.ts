import { plainText } from '../../logging/plain-text.js';
import { steps, type StepResult } from './step.js';

const outcomeWidth = 'skipped'.length;
const stepWidth = Math.max(...steps.map((step) => step.length));
const indent = ' '.repeat(outcomeWidth + stepWidth + 4);

/** One step as a line, with what to do about it under it. What a plugin said is made safe for a terminal. */
export const resultText = ({ step, outcome, detail, hint }: StepResult): string => {
  const [first = '', ...others] = detail.split('\n').map((line) => plainText(line, 2000));
  const head = `${outcome.padEnd(outcomeWidth)}  ${step.padEnd(stepWidth)}  ${first}`;
  const advice = outcome === 'ok' || hint === undefined || hint === '' ? [] : [`${indent}→ ${plainText(hint, 2000)}`];
  return [head.trimEnd(), ...others.map((line) => `${indent}${line}`), ...advice, ''].join('\n');
};

export const summaryText = (plugin: string, results: readonly StepResult[]): string => {
  const broken = results.filter(({ outcome }) => outcome === 'broken').map(({ step }) => step);
  const shown = plainText(plugin, 500);
  if (broken.length > 0) return `\n${shown} broke at: ${[...new Set(broken)].join(', ')}\n`;
  const skipped = results.filter(({ outcome }) => outcome === 'skipped').map(({ step }) => step);
  return `\n${shown} is fine${skipped.length === 0 ? '' : `; not looked at: ${skipped.join(', ')}`}\n`;
};
