const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  map: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  null: 'nothing',
  undefined: 'nothing',
  function: 'a function',
};

/** zod's name of a type, for people. */
export const expectedWord = (type: string): string => (Object.hasOwn(words, type) ? (words[type] ?? type) : type);

/** What kind of thing a value is. Never the value itself: it may be a secret. */
export const foundWord = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number';
  return typeof value === 'boolean' ? String(value) : expectedWord(typeof value);
};
