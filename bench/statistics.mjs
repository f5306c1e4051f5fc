export const median = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Median, least and greatest. */
export const spread = (numbers) => ({ median: median(numbers), least: Math.min(...numbers), greatest: Math.max(...numbers) });

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Of the mean, squared. */
const errorOf = (numbers) => {
  const middle = mean(numbers);
  const squares = numbers.reduce((sum, number) => sum + (number - middle) ** 2, 0);
  return squares / (numbers.length - 1) / numbers.length;
};

/** Welch's t of two samples: how many standard errors their means are apart. */
export const welch = (one, other) => (mean(one) - mean(other)) / Math.sqrt(errorOf(one) + errorOf(other));
