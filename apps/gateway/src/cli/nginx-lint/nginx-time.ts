const units: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, '': 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
  ...{ w: 7 * 86_400_000, M: 30 * 86_400_000, y: 365 * 86_400_000 },
};

/** Milliseconds of an nginx time such as `7s`, `1m30s`, `500ms` or `60`; undefined for anything else. */
export const timeOf = (text: string): number | undefined => {
  // A unit ends each number but the last: where digits could be cut anywhere, a long row of them would be cut in every way there is.
  if (!/^(?=.)(?:\d{1,9}(?:ms|[smhdwMy]) ?)*(?:\d{1,9})?$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '0', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g)) total += Number(amount) * (units[unit] ?? 0);
  return total;
};
