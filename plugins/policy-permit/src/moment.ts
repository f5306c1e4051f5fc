import { z } from 'zod';

const day = /^\d{4}-\d{2}-\d{2}$/;
/** ISO 8601 and what databases print: `2026-12-31 18:00:00+00`. */
const dateTime = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
/** LDAP's GeneralizedTime (RFC 4517 §3.3.13) with its zone: `20261231180000Z`. */
const generalized = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})?(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{2}(?:\d{2})?)$/;
const unixSeconds = /^\d{9,11}$/;
/** Active Directory's `accountExpires`: 100 ns since 1601; these two mean never (MS-ADA1 §2.1). */
const fileTime = /^\d{17,19}$/;
const neverExpires: ReadonlySet<string> = new Set(['0', '9223372036854775807']);
const fileTimeOfEpoch = 116_444_736_000_000_000n;

const dayMs = 86_400_000;

/**
 * The moment after which nobody is let in, in milliseconds since 1970; `Infinity` for never, undefined for a text that is no
 * moment. A bare day lasts until its end; a time without a zone is UTC.
 */
export const readMoment = (text: string): number | undefined => {
  if (neverExpires.has(text)) return Infinity;
  if (day.test(text)) return shifted(parsed(`${text}T00:00:00Z`, text), dayMs - 1);
  if (unixSeconds.test(text)) return Number(text) * 1000;
  if (fileTime.test(text)) return Number((BigInt(text) - fileTimeOfEpoch) / 10_000n);
  const [, date, time, zone] = dateTime.exec(text) ?? [];
  if (date !== undefined && time !== undefined) return parsed(`${date}T${time}${isoZone(zone)}`, date);
  const [, year, month, date2, hour, minute = '00', second = '00', offset] = generalized.exec(text) ?? [];
  if (year === undefined) return undefined;
  const written = `${year}-${String(month)}-${String(date2)}`;
  return parsed(`${written}T${String(hour)}:${minute}:${second}${isoZone(offset)}`, written);
};

const isoZone = (zone = 'Z'): string => {
  if (/^z$/i.test(zone)) return 'Z';
  const digits = zone.slice(1).replace(':', '');
  return `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2).padEnd(2, '0')}`;
};

/** `Date` takes February 31st for March 3rd: what does not come back as it was written is no day. */
const parsed = (iso: string, date: string): number | undefined => {
  const ms = Date.parse(iso);
  const exists = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || Number.isNaN(exists.getTime()) || exists.toISOString().slice(0, 10) !== date ? undefined : ms;
};

const shifted = (ms: number | undefined, by: number): number | undefined => (ms === undefined ? undefined : ms + by);

/** A config field for a moment; its value is in milliseconds since 1970. */
export const moment = (): z.ZodType<number, string> =>
  z.string().transform((text, context) => {
    const ms = readMoment(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: 'expected a day such as 2026-12-31 or a time such as 2026-12-31T18:00:00Z' });
    return z.NEVER;
  });
