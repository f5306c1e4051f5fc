import { type Account, TroubleOfThisLogin } from '@postern/contract';
import type { Rows, Value } from '@postern/sql';

/** What a row says of a user. */
export interface UserRow {
  readonly account: Account;
  /** Empty when no password fits. */
  readonly stored: string;
  readonly enabled: boolean;
}

/** The columns cannot be understood: a slip in the query, and nothing that the user did. */
export class RowTrouble extends Error {
  override readonly name = 'RowTrouble';
}

/** So cannot what stands in this login's row. Others' may be in order. */
export class DataTrouble extends TroubleOfThisLogin {
  override readonly name = 'DataTrouble';
}

const special = ['password', 'enabled', 'user'] as const;
type Special = (typeof special)[number];

/** Undefined for no row. Throws a `RowTrouble` for columns that say nothing clear, a `DataTrouble` for several rows and odd values. */
export const userRowOf = ({ columns, rows }: Rows, login: string, needsPassword: boolean): UserRow | undefined => {
  const places = placesOf(columns);
  if (needsPassword && places.get('password') === undefined) throw new RowTrouble('the query gives no column that is called password');
  const [row] = rows;
  if (row === undefined) return undefined;
  if (rows.length > 1) throw new DataTrouble(`the query gives ${rows.length} rows for one login`);
  const at = (name: Special): Value | undefined => {
    const place = places.get(name);
    return place === undefined ? undefined : (row[place] ?? null);
  };
  return {
    account: { user: userOf(at('user'), login), attributes: attributesOf(columns, row) },
    stored: storedOf(at('password')),
    enabled: enabledOf(at('enabled')),
  };
};

const isSpecial = (name: string): name is Special => (special as readonly string[]).includes(name);

/** Where the columns are that mean something. Which of two with one name is meant cannot be told. */
const placesOf = (columns: readonly string[]): ReadonlyMap<Special, number> => {
  const places = new Map<Special, number>();
  for (const [index, column] of columns.entries()) {
    const name = column.toLowerCase();
    if (!isSpecial(name)) continue;
    if (places.has(name)) throw new RowTrouble(`the query gives two columns that are called ${name}`);
    places.set(name, index);
  }
  return places;
};

/** What stands in a text in the place of bytes that are no UTF-8: columns of bytes may hold any. */
const lost = '\ufffd';

const storedOf = (value: Value | undefined): string => {
  if (value?.includes(lost) === true) throw new DataTrouble('the column password holds bytes that are no UTF-8');
  return value ?? '';
};

/** Two names that differ in lost bytes alone would be one. */
const userOf = (value: Value | undefined, login: string): string => {
  if (value === undefined || value === null || value === '') return login;
  if (!value.includes(lost) && /^[^\p{Cc}\p{Cs}\s](?:[^\p{Cc}\p{Cs}]*[^\p{Cc}\p{Cs}\s])?$/u.test(value)) return value;
  throw new DataTrouble('the column user holds what is no login');
};

const yes = /^(?:1|t|true|y|yes|on)$/i;
const no = /^(?:0|f|false|n|no|off|)$/i;

/** NULL is not a yes. */
const enabledOf = (value: Value | undefined): boolean => {
  if (value === undefined) return true;
  if (value === null || no.test(value.trim())) return false;
  if (yes.test(value.trim())) return true;
  throw new DataTrouble('the column enabled holds neither yes nor no');
};

/** A name that comes twice keeps its first value; NULL is no attribute. */
const attributesOf = (columns: readonly string[], row: readonly Value[]): Account['attributes'] => {
  const attributes = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    const value = row[index] ?? null;
    if (value !== null && !isSpecial(column.toLowerCase()) && !attributes.has(column)) attributes.set(column, value);
  }
  return Object.fromEntries(attributes);
};
