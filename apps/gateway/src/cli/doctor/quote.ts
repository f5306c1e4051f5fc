import { plainText } from '../../logging/plain-text.js';

const maxCharacters = 160;

/** Shows what somebody else said. */
export type Quote = (said: string) => string;

/**
 * Quotes for a terminal: short, without control characters, and not at all where a secret is repeated in it, whole or in base64. The
 * said is in latin1 characters, as it came off the wire, or text.
 */
export const quoteWithout = (secrets: readonly string[]): Quote => {
  const shapes = secrets.filter((secret) => secret !== '').flatMap(shapesOf);
  return (said) => {
    const text = readable(said);
    if (shapes.some((shape) => said.includes(shape) || text.includes(shape))) return '(not shown: it repeats a secret)';
    return JSON.stringify(plainText(text, maxCharacters)).replaceAll('\\\\u{', '\\u{');
  };
};

const shapesOf = (secret: string): readonly string[] => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '')];

/** UTF-8 where the bytes are that. */
const readable = (said: string): string => {
  if (/[^\0-\u00ff]/.test(said)) return said;
  const text = Buffer.from(said, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? said : text;
};
