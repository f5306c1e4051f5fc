import { pathText, type ConfigError } from '@postern/kernel';
import { plainText } from '../logging/plain-text.js';

/** All problems of a config, aligned, each with what to do about it; ends with how many there are. For stderr. */
export const problemsText = (problems: readonly ConfigError[]): string => {
  const rows = problems.map((problem) => [placeOf(problem), problem.severity, problem.code, pathText(problem.path)]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const texts = problems.map((problem, index) => {
    const head = (rows[index] ?? []).map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return [head.trimEnd(), `    ${problem.message}`, ...(problem.hint === '' ? [] : [`    → ${problem.hint}`])]
      .map((line) => plainText(line, 2000))
      .join('\n');
  });
  return `${texts.join('\n\n')}\n\n${countText(problems)}\n`;
};

const placeOf = ({ file, line, column }: ConfigError): string =>
  [file ?? 'config', line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');

const countText = (problems: readonly ConfigError[]): string => {
  const count = (severity: 'error' | 'warning'): number => problems.filter((problem) => problem.severity === severity).length;
  const said = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  return `${said(count('error'), 'error')}, ${said(count('warning'), 'warning')}`;
};
