import { describe, expect, it } from '@jest/globals';
import { SteppableClock } from '@postern/testkit';
import type { DoorSuite } from './door-suite.js';
import { placeEverybody } from './fake-answerer.js';
import { readDenial, readReply } from './reply.js';
import { login } from './request.js';

/** Deadlines, peers that leave, too many of them, closing. */
export const describeLife = ({ kind, open, deviations }: DoorSuite): void => {
  describe('time and trouble', () => {
    it('rule 56: a question that is never answered gets a denial at the deadline, and a late answer goes nowhere', async () => {
      const clock = new SteppableClock();
      const here = await open({ clock, deadlineMs: 5000 });
      let late = (): void => undefined;
      here.answerer.decide = () =>
        new Promise((resolve) => {
          late = () => resolve({ kind: 'placed', server: '192.0.2.10', port: 143, asked: { protocol: 'imap', mechanism: 'plain' } });
        });
      const peer = await here.peer();
      const asked = here.answerer.asked();
      peer.send(login);
      await asked;
      await clock.step(4900);
      expect(peer.chunks).toHaveLength(0);
      await clock.step(400);
      expect(readDenial(await peer.receive()).status).toContain('[UNAVAILABLE]');
      late();
      await here.settle();
      expect(peer.chunks).toHaveLength(1);
    });

    it('rule 56: a head that drips in beyond the deadline gets a denial', async () => {
      const here = await open({ deadlineMs: 500 });
      const peer = await here.peer();
      await peer.sendSlowly([login.subarray(0, 40)]);
      readDenial(await peer.receive());
      expect(here.answerer.refusals).toMatchObject([{ why: 'slow' }]);
    });

    it('rule 56: a peer that says nothing is let go at the deadline', async () => {
      const here = await open({ deadlineMs: 500 });
      const peer = await here.peer();
      expect(await peer.receive()).toHaveLength(0);
    });

    it('rule 10: a peer may go away at any point', async () => {
      const here = await open();
      let answer = (): void => undefined;
      here.answerer.decide = ({ protocol }) =>
        new Promise((resolve) => {
          answer = () => resolve({ kind: 'placed', server: '192.0.2.10', port: 143, asked: { protocol, mechanism: 'plain' } });
        });
      for (const sent of [0, 1, 100, login.length - 1]) {
        const peer = await here.peer();
        await peer.sendSlowly([login.subarray(0, sent)]);
        peer.reset();
      }
      for (const abrupt of [true, false]) {
        const peer = await here.peer();
        const asked = here.answerer.asked();
        peer.send(login);
        await asked;
        if (abrupt) peer.reset();
        else peer.socket.destroy();
        await peer.closed;
        answer();
      }
      here.answerer.decide = placeEverybody;
      expect((await here.ask(login)).status).toBe('OK');
    });

    it('a peer beyond the limit of connections is denied at once, one far beyond it is closed', async () => {
      const here = await open({ limits: { connections: 2 } });
      const [, , third, fourth] = [await here.peer(), await here.peer(), await here.peer(), await here.peer()];
      readDenial(await third.until((bytes) => bytes.includes('\r\n\r\n')));
      readDenial(await fourth.until((bytes) => bytes.includes('\r\n\r\n')));
      // A TLS client hangs up by itself, so the third and the fourth are gone by now.
      if (deviations.noHalfClose === true) return;
      const fifth = await here.peer();
      expect(await fifth.receive()).toHaveLength(0);
    });
  });

  describe('closing', () => {
    it('rule 69: no new connection is taken, and an answer in flight still goes out', async () => {
      const here = await open();
      const { address } = here.door;
      let answer = (): void => undefined;
      here.answerer.decide = ({ protocol }) =>
        new Promise((resolve) => {
          answer = () => resolve({ kind: 'placed', server: '192.0.2.10', port: 143, asked: { protocol, mechanism: 'plain' } });
        });
      const peer = await here.peer();
      const asked = here.answerer.asked();
      peer.send(login);
      await asked;
      const closed = here.door.close(30_000);
      await expect(kind.connect(address)).rejects.toThrow();
      answer();
      expect(readReply(await peer.receive()).status).toBe('OK');
      await closed;
    });

    it('rule 69: what is left after the grace period is destroyed', async () => {
      const here = await open();
      here.answerer.decide = () => new Promise(() => undefined);
      const peer = await here.peer();
      const asked = here.answerer.asked();
      peer.send(login);
      await asked;
      await here.door.close(20);
      expect(await peer.receive()).toHaveLength(0);
    });

    it('rule 69: idle connections do not hold it up', async () => {
      const here = await open();
      const peer = await here.peer();
      const received = peer.receive();
      await here.door.close(60_000);
      expect(await received).toHaveLength(0);
    });
  });
};
