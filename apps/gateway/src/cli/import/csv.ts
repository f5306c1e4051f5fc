import { CsvError, parse } from 'csv-parse/sync';
import { broken, type Entry, type FormatReader, type Line } from './entry.js';
import { saysYes, type FieldNames } from './fields.js';

type Role = 'user' | 'password' | 'enabled';

/** What columns are called in the files of the field, upper or lower case. */
const usual: Readonly<Record<Role, readonly string[]>> = {
  user: ['user', 'username', 'login', 'email', 'mail', 'address'],
  password: ['password', 'hash', 'crypt', 'password_hash'],
  enabled: ['enabled', 'active'],
};

interface Columns {
  readonly count: number;
  readonly user: number;
  readonly password: number;
  readonly enabled: number | undefined;
  /** Every other column: its place, by the name of the attribute. */
  readonly attributes: ReadonlyMap<string, number>;
}

/** A table with a header line, as spreadsheets and databases write it. A value does not go over several lines. */
export class CsvReader implements FormatReader {
  readonly #delimiter: string;
  readonly #names: FieldNames;
  /** `undefined` until the header was read, `none` when it cannot be used: then nothing below it means anything. */
  #columns: Columns | 'none' | undefined;

  constructor(delimiter: string, names: FieldNames) {
    this.#delimiter = delimiter;
    this.#names = names;
  }

  read(lines: readonly Line[]): readonly Entry[] {
    if (lines.length === 0) return [];
    const written = lines.filter(({ text, trouble }) => text !== '' || trouble !== undefined);
    const records = this.#records(written);
    return written.flatMap((line, index) => this.#entries(line, records[index]));
  }

  end(): readonly Entry[] {
    return [];
  }

  /** One record or one reason for each line. All lines at once where that works: it is twenty times as fast as one by one. */
  #records(lines: readonly Line[]): readonly (readonly string[] | string)[] {
    try {
      const records = this.#parse(lines.map(({ text, trouble }) => (trouble === undefined ? text : '-')).join('\n'));
      if (records.length === lines.length) return lines.map(({ trouble }, index) => trouble ?? records[index] ?? []);
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
    }
    return lines.map((line) => line.trouble ?? this.#record(line.text));
  }

  #record(text: string): readonly string[] | string {
    try {
      return this.#parse(text)[0] ?? [];
    } catch (error) {
      // Its message quotes the line.
      if (error instanceof CsvError) return reasons.get(error.code) ?? 'its quotes are not those of CSV';
      throw error;
    }
  }

  #parse(text: string): readonly (readonly string[])[] {
    return parse(text, { delimiter: this.#delimiter, record_delimiter: '\n', relax_column_count: true });
  }

  #entries({ number }: Line, record: readonly string[] | string | undefined): readonly Entry[] {
    if (record === undefined) return [];
    if (this.#columns === 'none') return [];
    if (typeof record === 'string') return this.#columns === undefined ? this.#refuse(number, record) : [broken(number, record)];
    if (this.#columns === undefined) return this.#readHeader(number, record);
    return [personOf(number, record, this.#columns)];
  }

  #readHeader(line: number, names: readonly string[]): readonly Entry[] {
    const columns = columnsOf(names, this.#names);
    if (typeof columns === 'string') return this.#refuse(line, columns);
    this.#columns = columns;
    return [];
  }

  #refuse(line: number, reason: string): readonly Entry[] {
    this.#columns = 'none';
    return [{ ...broken(line, `the header cannot be used: ${reason}`), whole: true }];
  }
}

const reasons = new Map<string, string>([['CSV_QUOTE_NOT_CLOSED', 'a quote is not closed on its line']]);

const columnsOf = (names: readonly string[], given: FieldNames): Columns | string => {
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) return `column ${twice + 1} has the name of another`;
  const missing = [...given.values()].find((name) => !names.includes(name));
  if (missing !== undefined) return 'it lacks a column that --field names';
  const places = {
    user: placeOf('user', names, given),
    password: placeOf('password', names, given),
    enabled: placeOf('enabled', names, given),
  };
  for (const role of ['user', 'password'] as const)
    if (places[role] === undefined)
      return `no column is the ${role}'s for sure; say --field ${role}=COLUMN (known: ${usual[role].join(', ')})`;
  if (places.enabled === undefined && found('enabled', names).length > 1)
    return 'several columns may tell who is enabled; say --field enabled=COLUMN';
  const roles: readonly (number | undefined)[] = Object.values(places);
  const others = [...names.entries()].filter(([index, name]) => !roles.includes(index) && name !== '');
  const attributes = new Map(others.map(([index, name]) => [name, index]));
  for (const [attribute, column] of given) {
    if (Object.hasOwn(usual, attribute)) continue;
    attributes.delete(column);
    attributes.set(attribute, names.indexOf(column));
  }
  return { count: names.length, user: places.user ?? 0, password: places.password ?? 0, enabled: places.enabled, attributes };
};

const found = (role: Role, names: readonly string[]): readonly number[] =>
  [...names.keys()].filter((index) => usual[role].includes((names[index] ?? '').trim().toLowerCase()));

/** The column that was named, or the only one with a usual name. */
const placeOf = (role: Role, names: readonly string[], given: FieldNames): number | undefined => {
  const named = given.get(role);
  if (named !== undefined) return names.indexOf(named);
  const [place, ...more] = found(role, names);
  return more.length === 0 ? place : undefined;
};

const personOf = (line: number, record: readonly string[], columns: Columns): Entry => {
  if (record.length !== columns.count) return broken(line, `it has ${record.length} values, and the header ${columns.count}`);
  const at = (index: number): string => record[index] ?? '';
  const enabled = columns.enabled === undefined || saysYes(at(columns.enabled));
  if (enabled === undefined) return broken(line, 'it says neither yes nor no to whether the user is enabled');
  const attributes = [...columns.attributes].map(([name, index]) => [name, at(index)] as const).filter(([, value]) => value !== '');
  return {
    kind: 'person',
    line,
    user: at(columns.user).trim(),
    stored: at(columns.password),
    enabled,
    attributes: Object.fromEntries(attributes),
  };
};
