/** Another process took the port between our look and the server's bind; anything else is not worth a second try. */
const portWasTaken = (error: unknown): boolean => error instanceof Error && /address already in use|EADDRINUSE/iu.test(error.message);

/** Starts a server whose ports are picked anew for each try, at most three times. */
export const withFreshPorts = async <T>(start: () => Promise<T>): Promise<T> => {
  for (let left = 2; ; left -= 1) {
    try {
      return await start();
    } catch (error) {
      if (left === 0 || !portWasTaken(error)) throw error;
    }
  }
};
