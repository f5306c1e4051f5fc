// What the processes that ask a store or a server themselves have in common: the parent says how long, they ask all the time.

/** The servers' users, and one password for all of them. */
export const password = 'pw';

/** `asks`: one function a worker, `(user) => Promise`, that throws unless the login was right; each asks one question at a time. */
const run = async (asks, users, { ms = Infinity, requests = Infinity }) => {
  const begin = performance.now();
  let [sent, answered, wrong] = [0, 0, 0];
  let trouble;
  const work = async (ask) => {
    while (sent < requests && performance.now() - begin < ms) {
      try {
        await ask(users[sent++ % users.length]);
        answered += 1;
      } catch (error) {
        wrong += 1;
        trouble ??= error.message;
      }
    }
  };
  await Promise.all(asks.map(work));
  return { answered, wrong, trouble, seconds: (performance.now() - begin) / 1000 };
};

/** Does what the parent orders until it is gone. `start` makes the `asks` from what the first message says. */
export const serve = (start) => {
  process.once('message', async ({ users, ...how }) => {
    const asks = await start(how);
    process.on('message', async (order) => process.send(await run(asks, users, order)));
    process.send({ ready: true });
  });
  process.on('disconnect', () => process.exit());
};
