import { UsageError } from '../shell.js';

/** What the operator calls the fields of a file: a column or an attribute for `user`, `password`, `enabled`, and for attributes by their names. */
export type FieldNames = ReadonlyMap<string, string>;

/** Reads `NAME=COLUMN` of `--field`, given any number of times. Throws a `UsageError`. */
export const fieldNames = (texts: readonly string[]): FieldNames => {
  const names = new Map<string, string>();
  for (const text of texts) {
    const [, name, column] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || column === undefined)
      throw new UsageError(`--field "${text}" is not NAME=COLUMN`, 'For example --field user=mail --field host=mailHost.');
    if (names.has(name)) throw new UsageError(`--field names ${name} twice`, 'One column for each.');
    names.set(name, column);
  }
  return names;
};

const yes = /^(?:1|t|true|y|yes|on|active|enabled)$/i;
const no = /^(?:0|f|false|n|no|off|inactive|disabled)$/i;

/** Whether a value of the field `enabled` says yes or no; undefined for neither. */
export const saysYes = (value: string): boolean | undefined => {
  const said = value.trim();
  return yes.test(said) ? true : no.test(said) ? false : undefined;
};
