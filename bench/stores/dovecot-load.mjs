// A client of Dovecot's auth service, as its login processes are: one connection, many requests in flight, answers in any order.
// Protocol: https://doc.dovecot.org/2.3/developer_manual/design/auth_protocol/
import { once } from 'node:events';
import { connect } from 'node:net';
import { password, serve } from './loop.mjs';

/** Calls back with every line. */
const linesOf = (socket, take) => {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) take(line.split('\t'));
  });
};

const responseOf = (user) => Buffer.from(`\0${user}\0${password}`).toString('base64');

serve(async ({ path, concurrency }) => {
  const socket = connect(path);
  await once(socket, 'connect');
  const waiting = new Map();
  const greeted = new Promise((resolve) => {
    linesOf(socket, ([word, id]) => {
      if (word === 'DONE') return resolve();
      if (word !== 'OK' && word !== 'FAIL') return;
      const { resolve: right, reject: wrong } = waiting.get(id);
      waiting.delete(id);
      if (word === 'OK') right();
      else wrong(new Error('Dovecot refused a login'));
    });
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Dovecot closed the connection'));
  });
  socket.write(`VERSION\t1\t1\nCPID\t${process.pid}\n`);
  await greeted;
  let last = 0;
  // `nologin`: nobody comes to fetch the user of this login. `no-penalty`: all logins come from nowhere.
  const ask = (user) =>
    new Promise((resolve, reject) => {
      const id = String((last += 1));
      waiting.set(id, { resolve, reject });
      socket.write(`AUTH\t${id}\tPLAIN\tservice=imap\tsecured\tnologin\tno-penalty\tresp=${responseOf(user)}\n`);
    });
  return Array.from({ length: concurrency }, () => ask);
});
