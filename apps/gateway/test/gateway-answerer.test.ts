import { beforeEach, describe, expect, it } from '@jest/globals';
import { clientText, defaultDenialRules, Encoder, KeyRing, type HeaderField, type RawAttempt } from '@postern/auth-http';
import { Networks, type LoginAttempt } from '@postern/contract';
import type { Outcome } from '@postern/kernel';
import { SteppableClock } from '@postern/testkit';
import type { Desk } from '../src/desk.js';
import { GatewayAnswerer } from '../src/gateway-answerer.js';
import { GatewayLog } from '../src/logging/gateway-log.js';
import { LoginMetrics } from '../src/metrics/login-metrics.js';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';
import { CapturedOutput } from './support/captured-output.js';

const canary = 'c4n4ry-pa55word';

const question = (changed: Readonly<Record<string, string | undefined>> = {}): readonly HeaderField[] =>
  Object.entries<string | undefined>({
    Host: '127.0.0.1',
    'Auth-Method': 'plain',
    'Auth-User': 'Bob@Example.org',
    'Auth-Pass': canary,
    'Auth-Protocol': 'imap',
    'Auth-Login-Attempt': '2',
    'Client-IP': '192.0.2.7',
    ...changed,
  }).flatMap(([name, value]): HeaderField[] => (value === undefined ? [] : [[name, value]]));

const accepted = (raw: RawAttempt): Outcome => {
  const attempt: LoginAttempt = { ...raw, id: 'a1', user: raw.rawUser.toLowerCase() };
  const account = { user: attempt.user, attributes: {} };
  return {
    answer: {
      kind: 'placed',
      server: '10.0.0.11',
      port: 143,
      user: attempt.user,
      asked: { protocol: raw.protocol, mechanism: raw.proof.mechanism, ordinal: raw.ordinal },
    },
    attempt,
    verdict: { kind: 'accepted', account },
    account,
    placement: { backend: 'mail-a', address: '10.0.0.11', port: 143, user: attempt.user },
    steps: [
      { stage: 'identity', outcome: 'user', ms: 0.1 },
      { stage: 'store', instance: 'guests', outcome: 'unknown-user', ms: 2 },
      { stage: 'store', instance: 'staff', outcome: 'accepted', ms: 3 },
      { stage: 'router', instance: 'spread', outcome: 'placed', ms: 0.2 },
      { stage: 'placement', outcome: 'placed', ms: 0.1 },
    ],
    tookMs: 5.4321,
  };
};

const rejected = (raw: RawAttempt): Outcome => ({
  ...accepted(raw),
  answer: { kind: 'denied', denial: 'rejected', asked: { protocol: raw.protocol, mechanism: raw.proof.mechanism, ordinal: raw.ordinal } },
  verdict: { kind: 'rejected' },
  steps: [{ stage: 'store', instance: 'staff', outcome: 'rejected', ms: 1 }],
});

const value = (headers: readonly HeaderField[], name: string): string | undefined => headers.find(([known]) => known === name)?.[1];

describe('the answerer', () => {
  let output: CapturedOutput;
  let log: GatewayLog;
  let clock: SteppableClock;
  let registry: MetricsRegistry;
  let answerer: GatewayAnswerer;
  let asked: RawAttempt[];

  const serve = (answer: (raw: RawAttempt) => Outcome | Promise<Outcome>, changed: Partial<Desk> = {}): void =>
    answerer.serve({
      generation: {
        answer: async (raw) => {
          asked.push(raw);
          return answer(raw);
        },
      },
      keys: new KeyRing([]),
      maxInFlight: 100,
      decodeOptions: { trustedProxies: new Networks([]) },
      encoders: { nginx: new Encoder(defaultDenialRules), express: new Encoder(defaultDenialRules, 768) },
      log,
      ...changed,
    });

  beforeEach(() => {
    output = new CapturedOutput();
    log = GatewayLog.to(output, 'info');
    clock = new SteppableClock();
    registry = new MetricsRegistry();
    answerer = new GatewayAnswerer({ metrics: new LoginMetrics(registry), clock });
    asked = [];
  });

  it('turns away what is beyond its capacity, unread and in the words of the protocol, and takes the next when one is done', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    serve((raw) => opened.then(() => accepted(raw)), { maxInFlight: 2, keys: new KeyRing(['k']) });
    const keyed = question({ 'X-Auth-Key': 'k' });
    const inside = [answerer.answer(keyed, 'nginx'), answerer.answer(keyed, 'express')];
    // Not even the key is looked at.
    const shed = await answerer.answer(question({ 'Auth-Protocol': 'smtp' }), 'nginx');
    expect(shed.sent).toBe('deferred');
    expect(value(shed.headers, 'Auth-Error-Code')).toBe('454 4.7.0');
    expect(asked).toHaveLength(2);
    expect(output.text).toContain('"why":"overload"');
    expect(output.text).not.toContain(canary);
    expect(await registry.read()).toContain('postern_requests_refused_total{door="nginx",why="overload"} 1');
    expect(await registry.read()).toContain('postern_attempts_total{protocol="smtp",mechanism="unknown",outcome="deferred"} 1');
    open();
    await Promise.all(inside);
    expect((await answerer.answer(keyed, 'nginx')).sent).toBe('placed');
  });

  it('answers a login with OK and the place', async () => {
    serve(accepted);
    const { headers } = await answerer.answer(question(), 'nginx');
    expect(headers).toEqual([
      ['Auth-Status', 'OK'],
      ['Auth-Server', '10.0.0.11'],
      ['Auth-Port', '143'],
      ['Auth-User', 'bob@example.org'],
    ]);
  });

  it('rule 68: writes one line per decision with all that is known of it', async () => {
    serve(accepted);
    await answerer.answer(question({ 'Auth-SSL': 'on' }), 'nginx');
    expect(output.records).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        msg: 'login',
        id: 'a1',
        door: 'nginx',
        protocol: 'imap',
        method: 'plain',
        user: 'bob@example.org',
        raw: 'Bob@Example.org',
        client: '192.0.2.7',
        attempt: 2,
        tls: true,
        outcome: 'placed',
        verdict: 'accepted',
        store: 'staff',
        router: 'spread',
        backend: 'mail-a',
        ms: 5.43,
      },
    ]);
  });

  it('rule 68: says of a denial who denied it, and why a reply could not be said', async () => {
    serve(rejected);
    await answerer.answer(question(), 'express');
    expect(output.records[0]).toMatchObject({ door: 'express', outcome: 'rejected', verdict: 'rejected', store: 'staff', tls: false });
    expect(output.records[0]).not.toHaveProperty('router');
    serve((raw) => ({ ...accepted(raw), answer: { ...accepted(raw).answer, server: 'mail.example.org' } as Outcome['answer'] }));
    await answerer.answer(question(), 'nginx');
    expect(output.records[1]).toMatchObject({ level: 'warn', outcome: 'deferred', why: 'the backend address is not a plain IP address' });
  });

  it('rule 68: names the policy that answered where no store did, and takes nobody’s name for a reason', async () => {
    serve((raw) => ({
      ...rejected(raw),
      answer: { kind: 'denied', denial: 'limited', asked: {} },
      verdict: { kind: 'limited' },
      steps: [
        { stage: 'identity', outcome: 'user', ms: 0.1, detail: 'bob@example.org' },
        { stage: 'policy', instance: 'throttle', outcome: 'limited', ms: 1 },
        { stage: 'policy', instance: 'audit', outcome: 'limited', ms: 2 },
      ],
    }));
    await answerer.answer(question(), 'nginx');
    expect(output.records[0]).toMatchObject({ outcome: 'limited', policy: 'throttle' });
    for (const field of ['store', 'why']) expect(output.records[0]).not.toHaveProperty(field);
  });

  it('rule 68: a login with a decision of its own gets a line even when nobody was asked', async () => {
    serve(accepted);
    await answerer.answer(question({ 'Auth-Pass': '' }), 'nginx');
    await answerer.answer(question({ 'Auth-Method': 'gssapi' }), 'nginx');
    expect(asked).toEqual([]);
    expect(output.records).toMatchObject([
      { msg: 'login', protocol: 'imap', method: 'plain', attempt: 2, outcome: 'rejected' },
      { msg: 'login', protocol: 'imap', outcome: 'deferred', level: 'warn' },
    ]);
  });

  it('rule 68: escapes and cuts what was typed', async () => {
    const rightToLeft = encodeURIComponent('\u202e').replaceAll(/%(..)/g, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    serve((raw) => ({ ...rejected(raw), attempt: { ...raw, id: 'a2', user: 'bob\u202e' + 'x'.repeat(300) } }));
    await answerer.answer(question({ 'Auth-User': `bob${rightToLeft}` }), 'nginx');
    const [line] = output.records;
    expect(line?.['user']).toMatch(/^bob\\u\{202e\}x+…$/);
    expect(String(line?.['user']).length).toBeLessThan(145);
    expect(line?.['raw']).toBe('bob\\u{202e}');
    expect(output.text).not.toContain('\u202e');
  });

  it('rule 67: no line holds the password, the digest, the token, the key or a certificate', async () => {
    serve(
      (raw) => ({ ...accepted(raw), placement: { backend: 'mail-a', address: '10.0.0.11', port: 143, user: 'bob', password: canary } }),
      {
        keys: new KeyRing([canary]),
      },
    );
    await answerer.answer(question({ 'X-Auth-Key': canary }), 'nginx');
    await answerer.answer(question({ 'X-Auth-Key': `${canary}x` }), 'nginx');
    await answerer.answer(
      question({ 'X-Auth-Key': canary, 'Auth-Method': 'cram-md5', 'Auth-Pass': canary.padEnd(32, '0'), 'Auth-Salt': `<${canary}>` }),
      'nginx',
    );
    await answerer.answer(
      question({ 'X-Auth-Key': canary, 'Auth-Method': 'external', 'Auth-SSL-Cert': canary, 'Auth-SSL': 'on' }),
      'nginx',
    );
    await answerer.answer(question({ 'X-Auth-Key': canary, 'Auth-Method': canary, 'Auth-Protocol': canary }), 'nginx');
    await answerer.answer(question({ 'X-Auth-Key': canary, 'Auth-Pass': `${canary}%zz` }), 'nginx');
    expect(output.records.length).toBeGreaterThanOrEqual(6);
    expect(output.text).not.toContain(canary);
  });

  it('rule 13: a wrong key is denied and nobody is asked', async () => {
    serve(accepted, { keys: new KeyRing(['old', 'new']) });
    for (const key of [undefined, '', 'wrong', 'newer']) {
      const { headers, sent } = await answerer.answer(question({ 'X-Auth-Key': key }), 'nginx');
      expect(sent).toBe('deferred');
      expect(value(headers, 'Auth-Status')).toMatch(/^\[UNAVAILABLE\]/);
    }
    expect(asked).toEqual([]);
    expect((await answerer.answer(question({ 'X-Auth-Key': 'old' }), 'nginx')).sent).toBe('placed');
    expect((await answerer.answer(question({ 'X-Auth-Key': 'new' }), 'nginx')).sent).toBe('placed');
    expect(await registry.read()).toContain('postern_requests_refused_total{door="nginx",why="key"} 4');
  });

  it('a flood of refusals is a few lines, with how many were left out', async () => {
    serve(accepted, { keys: new KeyRing(['right']) });
    for (let count = 0; count < 50; count++) await answerer.answer(question(), 'nginx');
    expect(output.records).toHaveLength(1);
    await clock.step(10_000);
    await answerer.answer(question(), 'nginx');
    expect(output.records[1]).toMatchObject({ why: 'key', more: 49 });
  });

  it('rule 58: whatever breaks, the client hears of a passing problem, and the next login is answered', async () => {
    serve(() => {
      throw new Error('a bug');
    });
    const broken = await answerer.answer(question(), 'nginx');
    expect(clientText(broken.headers, 'imap')).toMatch(/Temporary/);
    expect(output.text).toContain('a bug');
    serve(() => Promise.resolve('nonsense' as unknown as Outcome));
    expect((await answerer.answer(question(), 'nginx')).sent).toBe('deferred');
    serve(accepted);
    expect((await answerer.answer(question(), 'nginx')).sent).toBe('placed');
    expect(await registry.read()).toContain('postern_in_flight{door="nginx"} 0');
  });

  it('rule 09: refuses what is no question in the words of its protocol', () => {
    serve(accepted);
    const smtp = answerer.refuse('malformed', 'nginx', { protocol: 'smtp' }, 'no colon');
    expect(clientText(smtp.headers, 'smtp')).toMatch(/^454 4\.7\.0 /);
    const unknown = answerer.refuse('peer', 'express');
    expect(value(unknown.headers, 'Auth-Status')).toMatch(/^Temporary/);
    expect(output.records).toMatchObject([{ why: 'malformed', detail: 'no colon' }, { why: 'peer' }]);
  });

  it('denies before there is anybody to ask', async () => {
    expect((await answerer.answer(question(), 'nginx')).sent).toBe('deferred');
    expect(answerer.refuse('slow', 'nginx').sent).toBe('deferred');
  });

  it('counts attempts, stages and instances', async () => {
    serve(accepted);
    await answerer.answer(question(), 'nginx');
    await answerer.answer(question({ 'Auth-Protocol': undefined }), 'nginx');
    const text = await registry.read();
    expect(text).toContain('postern_attempts_total{protocol="imap",mechanism="plain",outcome="placed"} 1');
    expect(text).toContain('postern_attempts_total{protocol="unknown",mechanism="plain",outcome="deferred"} 1');
    expect(text).toContain('postern_stage_seconds_sum{stage="store"} 0.005');
    expect(text).toContain('postern_stage_seconds_count{stage="store"} 1');
    expect(text).toContain('postern_instance_seconds_count{instance="guests",role="credential-store",outcome="unknown-user"} 1');
    expect(text).toContain('postern_instance_seconds_count{instance="spread",role="backend-router",outcome="placed"} 1');
    expect(text).toContain('postern_requests_refused_total{door="nginx",why="undecodable"} 1');
  });

  it('a silent log builds no line', async () => {
    log.setLevel('silent');
    serve(accepted);
    await answerer.answer(question(), 'nginx');
    expect(output.text).toBe('');
    log.setLevel('warn');
    await answerer.answer(question(), 'nginx');
    expect(output.text).toBe('');
  });

  it('keeps the smaller budget at the Express door, where nginx adds headers of its own', async () => {
    serve((raw) => ({ ...accepted(raw), answer: { ...accepted(raw).answer, user: 'x'.repeat(700) } as Outcome['answer'] }));
    expect((await answerer.answer(question(), 'nginx')).sent).toBe('placed');
    expect((await answerer.answer(question(), 'express')).sent).toBe('deferred');
  });
});
