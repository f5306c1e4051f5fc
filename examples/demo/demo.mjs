// The story of the demo. Everything it starts lives in one temporary room and ends with it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  findProgram,
  freePort,
  Gateway,
  missingRequirements,
  ServerRoom,
  startNginx,
  TinyBackend,
} from '../../packages/testkit/dist/index.js';
import { logInOverHttp, logInThroughNginx } from './clients.mjs';
import { table } from './table.mjs';

const people = [
  { user: 'anna@example.org', password: 'correct horse', protocol: 'imap' },
  { user: 'ben@example.org', password: 'battery staple', protocol: 'pop3' },
  { user: 'clara@example.net', password: 'p%C3 +&"\\ü', protocol: 'smtp' },
];
const stranger = { user: 'anna@example.org', password: 'wrong', protocol: 'imap' };

const say = (text = '') => console.log(text);
const indented = (text) => text.replaceAll(/^/gm, '    ');

const startBackends = async (room) => {
  const backends = {};
  for (const name of ['mail-a', 'mail-b']) {
    backends[name] = {};
    for (const protocol of ['imap', 'pop3', 'smtp']) backends[name][protocol] = await TinyBackend.start(room, { protocol, name });
  }
  return backends;
};

const ports = (servers) => Object.fromEntries(Object.entries(servers).map(([protocol, { port }]) => [protocol, port]));

/** The config as an operator would write it; JSON is YAML. */
const configFor = (backends, listen, plugins) => ({
  listen,
  log: { level: 'info' },
  backends: Object.fromEntries(Object.entries(backends).map(([name, servers]) => [name, { host: '127.0.0.1', ...ports(servers) }])),
  plugins: [
    { use: 'static', with: { users: Object.fromEntries(people.map(({ user, password }) => [user, `{PLAIN}${password}`])) } },
    ...plugins,
  ],
});

const byHash = { use: 'hash', with: { over: ['mail-a', 'mail-b'] } };
const byDomain = { use: 'domain', with: { routes: { 'example.org': 'mail-b', 'example.net': 'mail-a' } } };

/** What the gateway's log says of the first login after `from`. The line may come a moment after the answer. */
const decisionOf = async (gateway, from) => {
  const line = await gateway.untilOutput(/^\{.*"outcome".*\}$/mu, from);
  return JSON.parse(line);
};

const logIn = async (person, world) => {
  const from = world.gateway.output().length;
  const before = Object.values(world.backends).map((servers) => servers[person.protocol].logins.length);
  const heard = world.nginx
    ? await logInThroughNginx(person, world.nginx.endpoint(person.protocol))
    : await logInOverHttp(person, world.gateway.door);
  const reached = Object.entries(world.backends).find(([, servers], index) => servers[person.protocol].logins.length > before[index]);
  const { router, backend, outcome } = await decisionOf(world.gateway, from);
  const why = router ? `router "${router}"` : (outcome ?? '');
  return [person.user, person.protocol, heard, reached?.[0] ?? (world.nginx ? '–' : (backend ?? '–')), why];
};

const round = async (world, who) => {
  const rows = [];
  for (const person of who) rows.push(await logIn(person, world));
  say(indented(table(['who', 'over', 'the client heard', 'landed on', 'because of'], rows)));
  say();
};

const fingerprint = ({ configPath, process: { pid } }) =>
  `process ${pid}, config ${createHash('sha256').update(readFileSync(configPath)).digest('hex').slice(0, 12)}`;

const tell = async (room) => {
  const missing = missingRequirements().filter(({ name }) => name.startsWith('nginx'));
  const backends = await startBackends(room);
  const listen = `127.0.0.1:${await freePort()}`;
  const script = fileURLToPath(new URL('../../apps/gateway/bin/postern.js', import.meta.url));
  const gateway = await Gateway.start(room, { script, config: configFor(backends, listen, [byHash]) });
  const world = { backends, gateway };
  if (missing.length === 0) {
    const proxySmtp = { xclient: false, proxySmtpAuth: true };
    const listeners = ['imap', 'pop3', 'smtp'].map((protocol) => ({ protocol, ...(protocol === 'smtp' && proxySmtp) }));
    world.nginx = await startNginx(room, { authHttp: gateway.door, listeners, passErrorMessage: true });
    say(`nginx runs (${fingerprint(world.nginx)}) and asks Postern on ${listen}. Mail servers: mail-a, mail-b.`);
    if (!findProgram('curl')) say('(curl is not here: a few lines of our own stand in for the mail client)');
  } else {
    say(`nginx is not here. To see the demo through it:  sudo apt-get install ${missing.map((need) => need.package).join(' ')}`);
    say(`Until then the same questions, asked over HTTP as nginx asks them, on ${listen}.`);
  }
  const before = world.nginx && fingerprint(world.nginx);

  say('\n1. The plugin list says: static users, then "hash" over both mail servers.\n');
  await round(world, [...people, stranger]);

  say('2. Now the plugin list gets a "domain" router in front, and the gateway a SIGHUP.\n');
  await gateway.reload(configFor(backends, listen, [byDomain, byHash]), /reload/i);
  await round(world, people);

  if (!world.nginx) return;
  const after = fingerprint(world.nginx);
  say(`3. nginx before: ${before}\n   nginx after:  ${after}   ${before === after ? 'It never noticed.' : 'IT CHANGED.'}`);
  if (before !== after) throw new Error('nginx changed');
};

/** Runs the demo; answers the exit status. */
export const runDemo = async () => {
  const room = await ServerRoom.open();
  try {
    await tell(room);
    return 0;
  } finally {
    await room.close();
  }
};
