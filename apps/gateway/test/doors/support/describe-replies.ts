import { describe, expect, it } from '@jest/globals';
import { Networks } from '@postern/contract';
import type { DoorSuite } from './door-suite.js';
import { placeEverybody, testKeys } from './fake-answerer.js';
import { readDenial, readReply } from './reply.js';
import { login, plainLogin, request, requestOf } from './request.js';

/** Who is answered, and with what bytes. */
export const describeReplies = ({ open, deviations }: DoorSuite): void => {
  describe('who may ask', () => {
    it('rule 13: any of the configured keys is taken, in any order of headers', async () => {
      const here = await open();
      for (const key of testKeys) expect((await here.ask(request({ fields: [['X-Auth-Key', key]] }))).status).toBe('OK');
    });

    it('rule 13: without the key, or with a wrong one, nobody is asked', async () => {
      const here = await open();
      readDenial(await here.say(requestOf(plainLogin.filter(([field]) => field !== 'X-Auth-Key'))));
      readDenial(await here.say(request({ fields: [['X-Auth-Key', 's3cret-keY']] })));
      readDenial(await here.say(requestOf([...plainLogin, ['X-Auth-Key', 's3cret-key']])));
      expect(here.answerer.attempts).toHaveLength(0);
    });

    it('rule 14: a peer outside the configured networks is denied before its request is read', async () => {
      const here = await open({ allow: ['192.0.2.0/24'] });
      const peer = await here.peer();
      if (deviations.exemptFromAllow === true) peer.send(login);
      const reply = readReply(await peer.receive());
      expect(reply.status === 'OK').toBe(deviations.exemptFromAllow === true);
      expect(here.answerer.refusals.map(({ why }) => why)).toEqual(deviations.exemptFromAllow === true ? [] : ['peer']);
    });

    it('rule 14: what a peer outside the networks sends is never read', async () => {
      if (deviations.exemptFromAllow === true) return;
      const here = await open({ allow: ['192.0.2.0/24'] });
      const peer = await here.peer();
      peer.send(login);
      readDenial(await peer.receive());
      expect(here.answerer.questions).toHaveLength(0);
    });

    it('rule 14: new networks hold for connections from then on', async () => {
      if (deviations.exemptFromAllow === true) return;
      const here = await open();
      expect((await here.ask(login)).status).toBe('OK');
      here.door.update({ allow: new Networks(['192.0.2.0/24']), deadlineMs: 60_000 });
      readDenial(await here.say(login));
    });
  });

  describe('replies', () => {
    it('rule 54: a reply has no body and comes in one piece', async () => {
      const here = await open();
      for (const asked of [login, request({ fields: [['Auth-Method', 'what']] })]) {
        const peer = await here.peer();
        peer.send(asked);
        readReply(await peer.receive());
        expect(peer.chunks).toHaveLength(1);
      }
    });

    it('rule 40: nothing is added that would take nginx over its 1024 bytes', async () => {
      const here = await open();
      const { headers } = await here.ask(login);
      const framing = ['Content-Length', 'Connection'];
      expect([...headers.keys()].filter((header) => !framing.includes(header))).toEqual([
        'Auth-Status',
        'Auth-Server',
        'Auth-Port',
        'Auth-User',
      ]);
    });

    it('rule 49: bytes of a reply leave as they are', async () => {
      const here = await open();
      here.answerer.decide = () => ({
        kind: 'placed',
        server: '2001:db8::1',
        port: 143,
        user: 'bjørn@example.org',
        asked: { protocol: 'imap', mechanism: 'plain' },
      });
      const { headers } = await here.ask(login);
      expect(Buffer.from(headers.get('Auth-User')!, 'latin1').toString('utf8')).toBe('bjørn@example.org');
    });

    it('rule 58: an answerer that throws or rejects is told as a temporary failure, and the door goes on', async () => {
      const here = await open();
      const { answerer } = here;
      answerer.decide = () => Promise.reject(new Error('a bug'));
      readDenial(await here.say(login));
      const answer = answerer.answer.bind(answerer);
      const refuse = answerer.refuse.bind(answerer);
      answerer.answer = () => {
        throw new Error('a bug');
      };
      readDenial(await here.say(login));
      answerer.refuse = () => {
        throw new Error('a bug');
      };
      readDenial(await here.say('nonsense\r\n\r\n'));
      Object.assign(answerer, { answer, refuse, decide: placeEverybody });
      expect((await here.ask(login)).status).toBe('OK');
      expect(here.log.lines.filter(({ level }) => level === 'error')).toHaveLength(3);
    });
  });
};
