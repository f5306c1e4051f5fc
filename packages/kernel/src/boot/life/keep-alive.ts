/**
 * Does some work and keeps the process alive meanwhile. The clock's timers do not: a plugin that waits for something that never
 * comes would otherwise end the process without a word, in place of running into its time limit.
 */
export const keepAlive = async <T>(work: () => Promise<T>): Promise<T> => {
  const timer = setInterval(() => undefined, 2 ** 31 - 1);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
};
