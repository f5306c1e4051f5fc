import { describe, expect, it } from '@jest/globals';
import { Secret } from '@postern/contract';
import { logDestination } from '../src/logging/destination.js';
import { GatewayLog } from '../src/logging/gateway-log.js';
import type { LogLevel } from '../src/logging/log-level.js';
import { CapturedOutput } from './support/captured-output.js';

const canary = 'c4n4ry-pa55word';

const logging = (level: LogLevel = 'debug'): { readonly log: GatewayLog; readonly output: CapturedOutput } => {
  const output = new CapturedOutput();
  return { log: GatewayLog.to(logDestination(output).stream, level), output };
};

describe('the log', () => {
  it('writes one JSON line per message, with level, time and text', () => {
    const { log, output } = logging();
    log.info('hello', { port: 143 });
    expect(output.records).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), port: 143, msg: 'hello' }]);
  });

  it('tags every line of an instance, and a field cannot pass for the tag', () => {
    const { log, output } = logging();
    log.tagged({ instance: 'staff', role: 'credential-store' }).warn('slow', { instance: 'customers', msg: 'forged', level: 'fatal' });
    expect(output.lines[0]?.match(/"instance":/g)).toHaveLength(1);
    expect(output.records[0]).toMatchObject({ instance: 'staff', level: 'warn', msg: 'slow', instance_: 'customers', msg_: 'forged' });
  });

  it('a line of the host’s own names the instance that it is about', () => {
    const { log, output } = logging();
    log.warn('a store did not answer in time', { instance: 'staff' });
    log.tagged({ worker: '2' }).warn('a store did not answer in time', { instance: 'staff', worker: 'forged' });
    expect(output.records).toMatchObject([{ instance: 'staff' }, { instance: 'staff', worker: '2', worker_: 'forged' }]);
    expect(output.text).not.toContain('instance_');
  });

  it('writes nothing below its level, and nothing at all when silent', () => {
    const { log, output } = logging('warn');
    log.info('no');
    log.warn('yes');
    expect(output.records).toHaveLength(1);
    const silent = logging('silent');
    silent.log.error('no', { error: new Error('no') });
    expect(silent.output.text).toBe('');
    expect(silent.log.enabled('fatal')).toBe(false);
  });

  it('is readable on a terminal', () => {
    const output = Object.assign(new CapturedOutput(), { isTTY: true });
    GatewayLog.to(logDestination(output).stream, 'info').info('ready for you', { user: 'bob' });
    expect(output.text).toContain('ready for you');
    expect(output.text).not.toMatch(/^\{/);
  });

  it('escapes control characters in messages, names and values', () => {
    const { log, output } = logging();
    log.info('one\u009btwo', { user: 'bob\u202e', 'na\u0007me': 'x' });
    expect(output.records[0]).toMatchObject({ msg: 'one\\u{9b}two', user: 'bob\\u{202e}', 'na\\u{7}me': 'x' });
  });

  it('rule 67: no field that is called like a secret is written, however deep it stands', () => {
    const { log, output } = logging();
    log.info('careful', {
      password: canary,
      authPass: canary,
      userPassword: canary,
      nested: [{ deeper: { clientSecret: canary, api_key: canary, token: canary, digest: canary, salt: canary } }],
      headers: { authorization: `Bearer ${canary}`, cookie: canary },
      proof: { mechanism: 'plain', password: canary, bytes: Buffer.from(canary) },
    });
    expect(output.text).not.toContain(canary);
    expect(output.records[0]).toMatchObject({ password: '[redacted]', proof: '[redacted]' });
  });

  it('rule 67: secrets, bytes and errors of drivers give nothing away', () => {
    const { log, output } = logging();
    const cause = new Error(`connect postgres://app:${canary}@db failed`);
    const error = Object.assign(new Error('query failed', { cause }), { code: 'XX000', parameters: [canary], password: canary });
    log.error('no answer', {
      error,
      key: new Secret(canary),
      value: new Secret(canary),
      raw: Buffer.from(canary),
      list: new Uint8Array(3),
    });
    expect(output.text).not.toContain(canary);
    expect(output.text).not.toContain(Buffer.from(canary).toString('base64'));
    expect(output.records[0]).toMatchObject({
      value: '[secret]',
      list: '[3 bytes]',
      error: { message: 'query failed', code: 'XX000', cause: { message: 'connect postgres://app:[redacted]@db failed' } },
    });
  });

  it('survives circles, depth, functions, strange numbers and hostile names', () => {
    const { log, output } = logging();
    const circle: Record<string, unknown> = { name: 'a' };
    circle['self'] = circle;
    log.info('odd', { circle, big: 10n, run: () => 1, nothing: undefined, when: new Date(NaN), ['__proto__']: { polluted: true } });
    expect(output.records[0]).toMatchObject({ circle: { name: 'a', self: '[…]' }, big: '10', run: '[function]' });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
