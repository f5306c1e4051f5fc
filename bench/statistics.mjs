export const median = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Median, least and greatest. */
export const spread = (numbers) => ({ median: median(numbers), least: Math.min(...numbers), greatest: Math.max(...numbers) });
