import type { Entry } from './directory-types.js';

/** What directories call it: OpenLDAP's ppolicy, 389, Active Directory, FreeIPA and Kerberos, RFC 2307. */
const usual = ['pwdChangedTime', 'pwdUpdateTime', 'pwdLastSet', 'krbLastPwdChange', 'shadowLastChange'] as const;

/** GeneralizedTime, RFC 4517 section 3.3.13. */
const generalized = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:(\d\d))?)?(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d)(\d\d)?)$/;
/** Active Directory's FILETIME: 100 ns since 1601. */
const fileTime = /^\d{17,19}$/;
const fileTimeOfEpoch = 116_444_736_000_000_000n;
/** A FILETIME for never. */
const never = '9223372036854775807';
const milliseconds = /^\d{12,13}$/;
const seconds = /^\d{9,11}$/;
const days = /^\d{1,6}$/;
const dayMs = 86_400_000;

/**
 * The last moment, in milliseconds since 1970, at which the password can have been changed: directories count in seconds, shadow
 * entries in days. Undefined for a text that is no time, and for "must be changed" (0).
 */
export const readChanged = (text: string): number | undefined => {
  if (/^0+$/.test(text) || text === never) return undefined;
  if (fileTime.test(text)) return since1970(Number((BigInt(text) - fileTimeOfEpoch) / 10_000n));
  if (milliseconds.test(text)) return Number(text);
  if (seconds.test(text)) return Number(text) * 1000 + 999;
  if (days.test(text)) return (Number(text) + 1) * dayMs - 1;
  return readGeneralized(text);
};

const since1970 = (ms: number): number | undefined => (ms >= 0 ? ms : undefined);

const readGeneralized = (text: string): number | undefined => {
  const parts = generalized.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, hours, minutes] = parts;
  const stepMs = second !== undefined ? 1000 : minute !== undefined ? 60_000 : 3_600_000;
  const begin = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute ?? 0), Number(second ?? 0));
  const within = fraction === undefined ? stepMs - 1 : Math.floor(Number(`0.${fraction}`) * stepMs);
  const zone = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return since1970(begin + within - zone);
};

/** When an entry's password was changed last, as far as the directory shows it. */
export class PasswordChanged {
  /** What a search must bring along: most of these come only when they are asked for by name. */
  readonly wanted: readonly string[];

  /** `auto`: any of the usual ones. `off`: nothing is asked. Otherwise the attribute. */
  constructor(setting: string) {
    this.wanted = setting === 'off' ? [] : setting === 'auto' ? usual : [setting];
  }

  /** Milliseconds since 1970; of several, the latest. */
  of(entry: Entry): number | undefined {
    const times = this.wanted.flatMap((name) => entry.values(name).map((value) => readChanged(value.toString('latin1'))));
    return times.reduce((latest, time) => (latest === undefined || (time !== undefined && time > latest) ? time : latest), undefined);
  }
}
