// An IMAP server that lets everybody in. Runs as a process of its own.
import { createServer } from 'node:net';

/** `LOGIN` with words, quotes or literals; whatever else a proxy says first gets an OK. */
const converse = (socket) => {
  let tag;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const line = chunk.latin1Slice();
    const [first, verb = ''] = line.split(' ', 2);
    if (tag === undefined && verb.trim().toUpperCase() === 'LOGIN') tag = first;
    const waitsForMore = /\{\d+\}\r\n$/.test(line);
    if (waitsForMore) return socket.write('+ go on\r\n');
    if (tag === undefined) return socket.write(`${first} OK\r\n`);
    socket.write(`${tag} OK in\r\n`);
    tag = undefined;
  });
  socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
};

const server = createServer({ noDelay: true }, converse).listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
  process.send({ port: server.address().port }),
);
process.on('disconnect', () => process.exit());
