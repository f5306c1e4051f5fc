import type { ErrorCode } from 'yaml';

interface Sentence {
  readonly message: string;
  readonly hint: string;
}

const quote = 'A text that begins with !, *, &, {, [, @, ` or %, or that holds ": " or " #", needs quotes.';
const indent = 'Indent with spaces, by the same amount for all keys of a mapping.';

/** The parser's own messages quote the file, which may hold secrets: these do not. */
const sentences: Partial<Record<ErrorCode, Sentence>> = {
  BAD_ALIAS: { message: 'this alias (*name) refers to no anchor', hint: quote },
  BAD_DQ_ESCAPE: { message: 'an unknown escape in a text in double quotes', hint: 'Write \\\\ for a backslash, or use single quotes.' },
  BAD_INDENT: { message: 'the indentation fits no mapping or list around it', hint: indent },
  BAD_SCALAR_START: { message: 'a text cannot begin with this character', hint: quote },
  BLOCK_AS_IMPLICIT_KEY: { message: 'a mapping cannot begin in the middle of a line', hint: quote },
  BLOCK_IN_FLOW: { message: 'an indented block cannot stand within { } or [ ]', hint: 'Use one of the two ways to write it.' },
  MISSING_CHAR: { message: 'a character is missing here: a closing quote, a bracket, a comma or a colon', hint: quote },
  MULTILINE_IMPLICIT_KEY: { message: 'a key must stand on one line', hint: 'Is a colon missing in the line above?' },
  MULTIPLE_DOCS: { message: 'the file holds more than one YAML document', hint: 'Take out the lines that consist of ---.' },
  NON_STRING_KEY: { message: 'a key must be a text', hint: quote },
  TAB_AS_INDENT: { message: 'a tab is used for indentation', hint: indent },
  TAG_RESOLVE_FAILED: { message: 'an unknown tag (!name)', hint: quote },
  UNEXPECTED_TOKEN: { message: 'something stands here that does not belong here', hint: quote },
};

export const yamlSentence = (code: ErrorCode): Sentence => sentences[code] ?? { message: 'this cannot be read as YAML', hint: quote };
