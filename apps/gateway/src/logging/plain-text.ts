/**
 * Makes foreign text safe for a log and a terminal: no control bytes, no invisible or direction-changing characters, so
 * that nobody can forge a line or repaint a screen through a login name (rules 19, 68).
 */
export const plainText = (text: string, maxCharacters = 1024): string => {
  const short = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  return hazard.test(short) ? short.replace(hazards, escapeCharacter) : short;
};

// C0 and C1 controls, DEL, line and paragraph separators, direction marks and overrides, zero-width characters, lone surrogates.
const hazardous = '[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|\\p{Surrogate}';
const hazard = new RegExp(hazardous, 'u');
const hazards = new RegExp(hazardous, 'gu');

const escapeCharacter = (character: string): string => `\\u{${character.charCodeAt(0).toString(16)}}`;

/** Passwords within URLs (`postgres://user:password@host`) as they turn up in drivers' error messages. */
export const withoutUrlPasswords = (text: string): string =>
  text.includes('://') ? text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/?#]*):[^\s/?#]*@/gi, '$1:[redacted]@') : text;
