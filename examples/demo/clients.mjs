// Mail clients for the demo: curl where it is installed, otherwise a short conversation of our own.
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { Conversation, findProgram } from '../../packages/testkit/dist/index.js';

const base64 = (text) => Buffer.from(text).toString('base64');

const shorten = (line) => (line.length > 64 ? `${line.slice(0, 63)}…` : line);

const commandOf = {
  imap: ({ user, password }) => [`a AUTHENTICATE PLAIN ${base64(`\0${user}\0${password}`)}`],
  pop3: ({ user, password }) => [`USER ${user}`, `PASS ${password}`],
  smtp: ({ user, password }) => ['HELO demo', `AUTH PLAIN ${base64(`\0${user}\0${password}`)}`],
};

const converse = async (person, endpoint) => {
  const client = await Conversation.open(endpoint);
  await client.line();
  let heard = '';
  for (const command of commandOf[person.protocol](person)) heard = await client.ask(command);
  client.close();
  return heard;
};

const curlArguments = ({ user, password, protocol }, { host, port }) => [
  '-sv',
  '--max-time',
  '10',
  '--user',
  `${user}:${password}`,
  `${protocol}://${host}:${port}/`,
  ...(protocol === 'smtp' ? ['--mail-from', user, '--mail-rcpt', user, '--upload-file', '-'] : []),
];

/** The server's last word to the login itself, out of what curl -v shows. */
const verdictIn = (trace, protocol) => {
  const replies = trace
    .split('\n')
    .filter((line) => line.startsWith('< '))
    .map((line) => line.slice(2).trim());
  const login = { imap: /^[AB]\d+ (OK|NO|BAD)/, pop3: /^(\+OK|-ERR)/, smtp: /^(235|[45]\d\d) / }[protocol];
  const rejected = replies.find((line) => /^([AB]\d+ (NO|BAD)|-ERR|[45]\d\d )/.test(line));
  const smtp = protocol === 'smtp' ? replies.find((line) => login.test(line)) : undefined;
  return (
    rejected ??
    smtp ??
    replies.filter((line) => /welcome|logged in/i.test(line)).at(-1) ??
    replies.filter((line) => login.test(line)).at(-1) ??
    'nothing'
  );
};

const viaCurl = (person, endpoint) =>
  new Promise((resolve, reject) => {
    const curl = spawn('curl', curlArguments(person, endpoint), { stdio: ['pipe', 'ignore', 'pipe'] });
    let trace = '';
    curl.stderr.setEncoding('utf8').on('data', (text) => (trace += text));
    curl.on('error', reject).on('close', () => resolve(verdictIn(trace, person.protocol)));
    curl.stdin.on('error', () => undefined).end('Subject: hello\r\n\r\nhello\r\n');
  });

/** Logs a person in through nginx and answers what the client heard. */
export const logInThroughNginx = async (person, endpoint) =>
  shorten(await (findProgram('curl') ? viaCurl(person, endpoint) : converse(person, endpoint)));

const escaped = (text) =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[\x00-\x20%]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

/** Asks the gateway as nginx would. */
export const logInOverHttp = ({ user, password, protocol }, { host, port }) =>
  new Promise((resolve, reject) => {
    const headers = {
      'Auth-Method': 'plain',
      'Auth-User': escaped(user),
      'Auth-Pass': escaped(password),
      'Auth-Protocol': protocol,
      'Auth-Login-Attempt': '1',
      'Client-IP': '192.0.2.7',
    };
    request({ host, port, path: '/auth', headers, agent: false }, (response) => {
      response.resume();
      resolve(shorten(`Auth-Status: ${response.headers['auth-status']}`));
    })
      .on('error', reject)
      .end();
  });
