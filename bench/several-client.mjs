// One login as nginx asks, on a connection of its own.
import { connect } from 'node:net';

/** The `Auth-Status` that a door at `HOST:PORT` answers. */
export const askFor = (door, user, password, clientIp = '192.0.2.7') =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(door.split(':').at(-1)), '127.0.0.1');
    const lines = [
      'GET /auth HTTP/1.0',
      'Host: 127.0.0.1',
      'Auth-Method: plain',
      `Auth-User: ${encodeURIComponent(user)}`,
      `Auth-Pass: ${encodeURIComponent(password)}`,
      'Auth-Protocol: imap',
      'Auth-Login-Attempt: 1',
      `Client-IP: ${clientIp}`,
    ];
    let reply = '';
    socket.setEncoding('latin1').on('data', (text) => (reply += text));
    socket.on('error', reject).on('close', () => resolve(/^Auth-Status: (.*)\r$/m.exec(reply)?.[1] ?? 'nothing'));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
