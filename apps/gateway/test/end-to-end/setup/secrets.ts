import { awkwardPassword, canary } from './people.js';

// Base64 of a word inside a longer text has one of three shapes; the outer characters depend on the neighbours.
const base64Shapes = (word: string): readonly string[] =>
  [0, 1, 2].map((shift) => {
    const text = Buffer.from('x'.repeat(shift) + word)
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(shift === 0 ? 0 : shift + 1, -2);
  });

const nginxEscaped = (text: string): string =>
  text.replaceAll(/[\0-\u0020%]/gu, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

const shapes = (text: string): readonly string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  nginxEscaped(text),
  JSON.stringify(nginxEscaped(text)).slice(1, -1),
  encodeURIComponent(text),
  Buffer.from(text).toString('latin1'),
  Buffer.from(text).toString('hex'),
  ...base64Shapes(text),
];

const forbidden: readonly (readonly [what: string, pattern: string])[] = [
  ...shapes(canary).map((shape) => ['a password or key', shape] as const),
  ...shapes(awkwardPassword).map((shape) => ['the awkward password', shape] as const),
  ['a certificate', 'BEGIN CERTIFICATE'],
  ['a certificate', 'BEGIN%20CERTIFICATE'],
  ['the name of a credential header with a value', 'Auth-Pass: '],
];

/** The lines of a log that hold a secret, each with what it holds; empty when all is well. */
export const leaks = (log: string, also: readonly string[] = []): readonly string[] => {
  const wanted = [...forbidden, ...also.map((text) => ['a digest', text] as const)];
  return log.split('\n').flatMap((line) => {
    const found = wanted.find(([, pattern]) => line.includes(pattern));
    return found === undefined ? [] : [`${found[0]}: ${line}`];
  });
};
