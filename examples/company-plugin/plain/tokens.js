// The token store again, in plain JavaScript and one file: client certificate, memory, metrics. `use: ./tokens.js`
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { definePlugin, filePath, secret } from '@postern/contract';
import { z } from 'zod';

const config = z.strictObject({ url: z.url(), ca: filePath(), cert: filePath(), key: filePath(), pepper: secret() });
const abilities = { mechanisms: ['plain'], knowsUsers: true };
const ask = (url, options, body) =>
  new Promise((resolve, reject) => {
    const asked = request(new URL('/verify', url), { method: 'POST', timeout: 2000, ...options });
    asked.on('response', (reply) => text(reply).then((said) => resolve([reply.statusCode, said]), reject));
    asked.on('timeout', () => asked.destroy(new Error('no answer in time'))).on('error', reject);
    asked.end(JSON.stringify(body));
  });
const create = ({ url, ca, cert, key, pepper }, { shared, metrics }) => {
  const answers = metrics.counter({ name: 'tokens_total', help: 'What the service said.', labels: ['status'] });
  let agent;
  const pem = () => ({ ca: readFileSync(ca.absolute), cert: readFileSync(cert.absolute), key: readFileSync(key.absolute) });
  const verify = async ({ user, proof: { mechanism, bytes, password } }, signal) => {
    if (mechanism !== 'plain' || bytes.length === 0) return { kind: mechanism === 'plain' ? 'rejected' : 'unsupported' };
    if (agent === undefined || signal.aborted) throw new Error('not open, or given up');
    const login = JSON.stringify([user, password]);
    const mark = createHmac('sha256', pepper.reveal()).update(login).digest('hex');
    const known = await shared.get(mark);
    const [status, said] = known ? [200, known] : await ask(url, { agent, signal }, { user, token: password });
    answers.inc({ status: known ? 'remembered' : String(status) });
    if (status === 401 || status === 404) return { kind: status === 401 ? 'rejected' : 'unknown-user' };
    if (status !== 200) throw new Error(`the service says ${status}`); // deferred: an outage is never a wrong password
    const account = { user, attributes: JSON.parse(said) };
    if (!known) await shared.set(mark, said, 30_000);
    return { kind: 'accepted', account };
  };
  const start = async () => void (agent = new Agent({ keepAlive: true, ...pem() }));
  return { abilities, start, stop: async () => void (agent = agent?.destroy()), verify };
};
export const plugin = definePlugin({ apiVersion: 1, role: 'credential-store', use: 'plain-tokens', config, create });
