// Resident memory of the gateway over many answers.
import { setTimeout as pause } from 'node:timers/promises';
import { probe, startGenerator } from './generator.mjs';
import { residentBytes } from './machine.mjs';
import { contestants } from './servers.mjs';

const first = 10_000;
const limit = 20e6;

/** `options`: `{ node, folder, answers, say }`. */
export const memory = async ({ answers, say, ...options }) => {
  const contestant = contestants.find(({ name }) => name === 'nginx door');
  const server = await contestant.start(options);
  const generator = await startGenerator();
  const samples = [];
  try {
    await probe(server, contestant);
    const step = Math.max(first, Math.ceil((answers - first) / 9));
    for (let done = 0; done < answers;) {
      const { answered, unanswered } = await generator.run(server.port, { requests: done === 0 ? first : Math.min(step, answers - done) });
      if (unanswered > 0) throw new Error(`${unanswered} questions were not answered`);
      done += answered;
      // The last sockets close, and nothing of them counts.
      await pause(1000);
      samples.push({ answers: done, resident: residentBytes(server.pid) });
      say(`${done} answers, ${Math.round(samples.at(-1).resident / 1e6)} MB`);
    }
  } finally {
    generator.stop();
    await server.stop();
  }
  const growth = samples.at(-1).resident - samples[0].resident;
  return { samples, growth, limit, met: growth <= limit };
};
