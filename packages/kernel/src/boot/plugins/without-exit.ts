const message = 'it ends the process (process.exit), and a plugin must not';

let under = 0;
// eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was, never called
const realExit = process.exit;

/**
 * Runs code that is not ours, for which `process.exit` throws meanwhile: a program that was named as a plugin by mistake would end
 * `check` with 0 and a running gateway without a word. Rejects also when that code caught what was thrown.
 */
export const withoutExit = async <T>(work: () => Promise<T>): Promise<T> => {
  under += 1;
  const exited = new Promise<never>((_, reject) => {
    const exit = (): never => {
      const error = new Error(message);
      // Its place is the caller's.
      Error.captureStackTrace(error, exit);
      reject(error);
      throw error;
    };
    process.exit = exit;
  });
  try {
    return await Promise.race([work(), exited]);
  } finally {
    under -= 1;
    if (under === 0) process.exit = realExit;
  }
};
