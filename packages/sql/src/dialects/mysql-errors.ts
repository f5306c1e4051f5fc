import { NoRoom, ReadOnly, ServerFailed, StatementFailed, Unreachable, wordsOf } from '../failure.js';

/**
 * Error numbers that say "not here, not now": wrong login or database, no room, a Galera node without its cluster (1047), shutting down,
 * host blocked, killed, lost; ProxySQL (9001) and the like found no server behind them.
 */
const elsewhere = new Set([
  1040, 1044, 1045, 1047, 1049, 1053, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 1698, 1927, 4031, 4032, 9001,
]);
/** Full disk, no memory, files that cannot be read, crashed tables: the server's own. */
const serversOwn = new Set([1016, 1021, 1023, 1024, 1030, 1034, 1037, 1038, 1041, 1194, 1195]);
/** ER_OPTION_PREVENTS_STATEMENT (--read-only), ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE. */
const readOnly = new Set([1290, 1792, 1836]);
/** The driver's own words for it name a page that was never written. */
const hinted = (words: string): string => {
  const [, plugin] = /using unknown plugin (\S+?)\.(?:\s|$)/.exec(words) ?? [];
  return plugin === undefined
    ? words
    : `the server wants the login by ${plugin}, which is not spoken here; give the user mysql_native_password or caching_sha2_password`;
};

/** ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED. */
const noRoom = new Set([1040, 1203, 1226]);

/** What the driver's errors have. */
interface Numbered {
  readonly errno?: number | undefined;
  readonly fatal?: boolean;
}

/** Why a connection was not opened. */
export const notLetIn = (error: Numbered): Unreachable => new (noRoom.has(error.errno ?? 0) ? NoRoom : Unreachable)(hinted(wordsOf(error)));

/** What a statement's failure means; after an `Unreachable` the connection is of no use. */
export const toldByMysql = (error: unknown): Error => {
  const { errno, fatal } = error as Numbered;
  if (errno === undefined || errno < 1000 || fatal === true || elsewhere.has(errno)) return new Unreachable(wordsOf(error), true);
  if (readOnly.has(errno)) return new ReadOnly(wordsOf(error));
  return new (serversOwn.has(errno) ? ServerFailed : StatementFailed)(wordsOf(error), String(errno));
};
