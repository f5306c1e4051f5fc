// Mail clients: `concurrency` of them, each with a new connection for every login. Runs as a process of its own, on libuv's handles
// as ../load.mjs and for the same reason.
const { TCP, TCPConnectWrap, constants } = process.binding('tcp_wrap');
const { WriteWrap, streamBaseState, kReadBytesOrError } = process.binding('stream_wrap');

const write = (handle, text) => {
  const writing = new WriteWrap();
  writing.handle = handle;
  writing.oncomplete = () => undefined;
  handle.writeLatin1String(writing, text);
};

/** Greeting, LOGIN, answer; `done` gets whether it was a yes. */
const login = (port, command, done) => {
  const handle = new TCP(constants.SOCKET);
  let greeted = false;
  const end = (accepted) => {
    handle.close();
    done(accepted);
  };
  const connecting = new TCPConnectWrap();
  connecting.oncomplete = (status) => {
    if (status !== 0) return end(false);
    handle.onread = (bytes) => {
      if (streamBaseState[kReadBytesOrError] <= 0) return end(false);
      if (greeted) return end(Buffer.from(bytes).latin1Slice().includes('a OK'));
      greeted = true;
      write(handle, command);
    };
    handle.readStart();
  };
  if (handle.connect(connecting, '127.0.0.1', port) !== 0) end(false);
};

const run = ({ port, users, concurrency, ms = Infinity, requests = Infinity }) =>
  new Promise((resolve) => {
    const commands = users.map((user) => `a LOGIN ${user} pw\r\n`);
    const begin = performance.now();
    let [sent, answered, unanswered, active, over] = [0, 0, 0, 0, false];
    const next = () => {
      if (over || sent >= requests) return active === 0 && resolve({ answered, unanswered, seconds: (performance.now() - begin) / 1000 });
      active += 1;
      login(port, commands[sent++ % commands.length], (accepted) => {
        active -= 1;
        if (accepted) answered += 1;
        else unanswered += 1;
        setImmediate(next);
      });
    };
    if (ms !== Infinity) setTimeout(() => (over = true), ms);
    for (let count = 0; count < concurrency; count += 1) next();
  });

process.on('message', async (order) => process.send(await run(order)));
process.on('disconnect', () => process.exit());
process.send({ ready: true });
