import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort, Gateway, ServerRoom } from '@postern/testkit';
import { capturedRequests } from '../doors/support/captured-requests.js';
import { cut, Dice, mutate } from '../doors/support/mutations.js';
import { Peer } from '../doors/support/peer.js';
import { mistakesIn } from '../chaos/vitals.js';
import { sqliteFile } from '../end-to-end/setup/sqlite-file.js';
import { ask, header } from '../support/ask.js';
import { expectHarmless } from './support/expect-harmless.js';

jest.setTimeout(90_000);

const script = join(import.meta.dirname, '../../bin/postern.js');
const conversations = 500;
const atOnce = 20;

/** What Node itself says of a request that is too broken to reach a door: the same denial in HTTP/1.1 as any other. */
const repliesIn = (bytes: Buffer): readonly Buffer[] =>
  bytes
    .toString('latin1')
    .split(/(?=HTTP\/1\.[01] )/)
    .filter((text) => text !== '')
    .map((text) => Buffer.from(text, 'latin1'));

describe('the built gateway with real plugins, under broken requests', () => {
  let room: ServerRoom;
  let gateway: Gateway;
  let doors: { readonly nginx: string; readonly proxy: string };

  beforeAll(async () => {
    room = await ServerRoom.open();
    doors = { nginx: `127.0.0.1:${await freePort()}`, proxy: `127.0.0.1:${await freePort()}` };
    const setup = `create table users (email text, password text); insert into users values ('anna@example.org', '{PLAIN}sesame');`;
    const path = await sqliteFile(room, 'people.db', setup);
    const config = {
      listen: doors.nginx,
      proxy: { listen: doors.proxy },
      operator: { listen: `127.0.0.1:${await freePort()}` },
      nginx: { deadline: '1s', none: { domains: ['example.org'] } },
      identity: { defaultDomain: 'example.org', certificateUser: 'email' },
      health: 'off',
      backends: { 'mail-a': { host: '127.0.0.1' } },
      plugins: [
        { use: 'throttle', with: { guard: { tries: 4 } } },
        { use: 'permit', with: { networks: ['0.0.0.0/0', '::/0'] } },
        { use: 'cache' },
        { use: 'static', with: { users: { 'ben@example.org': '{PLAIN}sesame' } } },
        { use: 'sql', with: { url: `sqlite:${path}`, query: 'select password from users where email = {user}', allowWeak: ['PLAIN'] } },
        { use: 'table', with: { attribute: 'host' } },
        { use: 'hash', with: { over: ['mail-a'] } },
      ],
    };
    gateway = await Gateway.start(room, { script, config });
  });
  afterAll(() => room.close());

  it.each(['nginx', 'proxy'] as const)('the %s door ends each in well-formed replies, or closes', async (door) => {
    const dice = new Dice(door === 'nginx' ? 20_261_123 : 20_261_124);
    let [next, answered] = [0, 0];
    const converse = async (): Promise<void> => {
      while (next++ < conversations) {
        const bytes = mutate(dice.pick(capturedRequests), dice);
        const peer = await Peer.connect(doors[door]);
        await peer.sendSlowly(cut(bytes, dice.pick([1, 1, 3]), dice));
        if (dice.roll(8) === 0) {
          peer.reset();
          continue;
        }
        peer.socket.end();
        const replies = repliesIn(await peer.receive());
        for (const reply of replies) expectHarmless(reply, bytes.toString('latin1').slice(0, 400));
        answered += replies.length;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, converse));
    expect(answered).toBeGreaterThan(conversations / 2);
  });

  it('still lets the right ones in, ends as it should, and the log tells of no mistake of ours', async () => {
    const clientIp = '203.0.113.200';
    for (const door of [doors.nginx, doors.proxy]) expect(header(await ask(door, { clientIp }), 'Auth-Status')).toBe('OK');
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    expect(mistakesIn(gateway.output())).toEqual([]);
    expect(gateway.output()).not.toMatch(/unhandled|"level":"fatal"/i);
  });
});
