// The load: `concurrency` clients, each with a new connection per request, as nginx does it. Runs as a process of its own.
//
// It drives libuv's TCP handles without net.Socket around them: the streams of a client cost more CPU than the servers
// under test, so a load of net.Sockets would measure itself. Where a Node has no such handles it falls back to them.
import { connect } from 'node:net';

const binding = (name) => {
  try {
    return process.binding(name);
  } catch {
    return undefined;
  }
};

const tcp = binding('tcp_wrap');
const streams = binding('stream_wrap');
const direct = tcp?.TCP !== undefined && streams?.WriteWrap !== undefined && streams.kReadBytesOrError !== undefined;

const requestOf = (user, key) =>
  Buffer.from(
    `GET /auth HTTP/1.0\r\nHost: 127.0.0.1\r\nAuth-Method: plain\r\nAuth-User: ${user}\r\nAuth-Pass: pw\r\nAuth-Protocol: imap\r\n` +
      `Auth-Login-Attempt: 1\r\nClient-IP: 192.0.2.7\r\nX-Auth-Key: ${key}\r\n\r\n`,
    'latin1',
  );

/** One conversation on a bare handle; `done` gets the number of bytes that came back. */
const converse = (port, request, done) => {
  const handle = new tcp.TCP(tcp.constants.SOCKET);
  let received = 0;
  const end = () => {
    handle.close();
    done(received);
  };
  const connecting = new tcp.TCPConnectWrap();
  connecting.oncomplete = (status) => {
    if (status !== 0) return end();
    handle.onread = () => {
      const count = streams.streamBaseState[streams.kReadBytesOrError];
      if (count > 0) received += count;
      else end();
    };
    handle.readStart();
    const writing = new streams.WriteWrap();
    writing.handle = handle;
    writing.oncomplete = () => undefined;
    handle.writeBuffer(writing, request);
  };
  if (handle.connect(connecting, '127.0.0.1', port) !== 0) end();
};

const converseOnSocket = (port, request, done) => {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = 0;
  socket.on('data', (chunk) => (received += chunk.length));
  socket.on('error', () => undefined);
  socket.on('close', () => done(received));
  socket.write(request);
};

const once = direct ? converse : converseOnSocket;

/**
 * Until `requests` are answered or `ms` milliseconds are over. `length`: bytes of a right answer, where any other length is none.
 */
const run = ({ port, users, key, concurrency, ms = Infinity, requests = Infinity, length }) =>
  new Promise((resolve) => {
    const asked = users.map((user) => requestOf(user, key));
    const [begin, cpu] = [performance.now(), process.cpuUsage()];
    let [sent, answered, unanswered, active] = [0, 0, 0, 0];
    let over = false;
    const finish = () => {
      const { user, system } = process.cpuUsage(cpu);
      resolve({ answered, unanswered, seconds: (performance.now() - begin) / 1000, cpuSeconds: (user + system) / 1e6, direct });
    };
    const next = () => {
      if (over || sent >= requests) return active === 0 && finish();
      active += 1;
      once(port, asked[sent++ % asked.length], (received) => {
        active -= 1;
        if (received > 0 && (length ?? received) === received) answered += 1;
        else unanswered += 1;
        // A refused connection fails at once; without a breath the loop would never end.
        if (received > 0) next();
        else setImmediate(next);
      });
    };
    if (ms !== Infinity) setTimeout(() => (over = true), ms);
    for (let count = 0; count < concurrency; count += 1) next();
  });

/**
 * `requests` at `pace` a second, each on its way when it is due, however long the others take. Answers with the milliseconds from
 * the moment at which each was due to the end of its answer.
 */
const paced = ({ port, users, key, pace, requests, length }) =>
  new Promise((resolve, reject) => {
    const asked = users.map((user) => requestOf(user, key));
    const waits = [];
    const begin = performance.now();
    let sent = 0;
    const ask = (due) =>
      once(port, asked[sent++ % asked.length], (received) => {
        if (received === 0 || (length ?? received) !== received) reject(new Error('a login was not answered as it should be'));
        waits.push(performance.now() - due);
        if (waits.length === requests) resolve({ waits });
      });
    const timer = setInterval(() => {
      const now = performance.now();
      for (let due = begin + (sent * 1000) / pace; sent < requests && due <= now; due = begin + (sent * 1000) / pace) ask(due);
      if (sent === requests) clearInterval(timer);
    }, 1);
  });

process.on('message', async (order) => process.send(await (order.pace === undefined ? run : paced)(order)));
process.on('disconnect', () => process.exit());
process.send({ ready: true });
