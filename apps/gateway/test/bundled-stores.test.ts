import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../src/cli/run-cli.js';
import { ConfigFolder } from './support/config-folder.js';
import { TestIo } from './support/test-io.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

interface Ran {
  readonly code: number;
  readonly said: string;
}

const run = async (words: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): Promise<Ran> => {
  const io = new TestIo(folder.path).typed(input);
  Object.assign(io.env, env);
  return { code: await runCli(words, io), said: io.stdout.text + io.stderr.text };
};

const configWith = (...plugins: readonly string[]): string => `
listen: 127.0.0.1:0
health: off
backends: { mail-a: { host: 127.0.0.1 } }
plugins:
${plugins.map((plugin) => `  - ${plugin}`).join('\n')}
  - { use: hash, with: { over: [mail-a] } }
`;

const people = "{ use: static, with: { users: { 'ann@example.org': { password: '{PLAIN}sesame', attributes: { services: imap } } } } }";

describe('permit', () => {
  beforeEach(() => void folder.write(configWith('{ use: permit, with: { protocols: attributes.services, requireTls: true } }', people)));

  it('shows in `explain` with a password and without one, with the rule that fired and the words of the client', async () => {
    for (const [words, input] of [
      [['--password-stdin'], 'sesame'],
      [[], ''],
    ] as const) {
      const refused = await run(['explain', 'ann@example.org', '--protocol', 'pop3', ...words], input);
      expect(refused.code).toBe(1);
      expect(refused.said).toMatch(/policy +permit +refused .*protocols: attributes\.services/);
      expect(refused.said).toContain('refused (policy)');
      expect(refused.said).toMatch(/-ERR \[AUTH\]/);
      const letIn = await run(['explain', 'ann@example.org', ...words], input);
      expect([letIn.code, /policy +permit +accepted/.test(letIn.said)]).toEqual([0, true]);
    }
  });

  it('asks for TLS before any store is asked, in its own words', async () => {
    const { code, said } = await run(['explain', 'nobody@example.org', '--no-tls', '--password-stdin'], 'x');
    expect(code).toBe(1);
    expect(said).toContain('[PRIVACYREQUIRED]');
    expect(said).not.toMatch(/^ +store /m);
  });

  it('tells a wrong password nothing of its rules', async () => {
    const { said } = await run(['explain', 'ann@example.org', '--protocol', 'pop3', '--password-stdin'], 'wrong');
    expect(said).not.toContain('protocols:');
  });
});

describe('`check` finds, without a network,', () => {
  it.each([
    [
      'a strategy that is not installed',
      '{ use: passport, with: { strategy: passport-nothing } }',
      'there is no npm package passport-nothing',
    ],
    ['a strategy that is not there', '{ use: passport, with: { strategy: ./strategy.mjs } }', 'there is no file'],
    ['an IMAP server that is none', '{ use: imap, with: { server: mail.example.org } }', 'expected imap://HOST'],
    ['rules that are none', '{ use: permit }', 'expected at least one of'],
    ['a protocol that is none', '{ use: permit, with: { protocols: [imaps] } }', 'imap, pop3, smtp'],
  ])('%s', async (_, plugin, message) => {
    folder.write(configWith(plugin, people));
    const { code, said } = await run(['check']);
    expect(code).toBe(2);
    expect(said).toContain(message);
  });

  it('passwords that would go over a network in clear, and secrets that stand in the file; it prints none', async () => {
    folder.add('strategy.mjs', 'export const strategy = () => ({ authenticate() { this.fail(); } });');
    const options = '{ server: { bindCredentials: c4n4ry-literal, other: { env: DSN } } }';
    folder.write(
      configWith(
        "{ use: imap, with: { server: 'imap://mail.example.org' } }",
        `{ use: passport, with: { strategy: ./strategy.mjs, options: ${options} } }`,
      ),
    );
    const { code, said } = await run(['check'], '', { DSN: 'c4n4ry-dsn' });
    expect(code).toBe(0);
    expect(said).toContain('clear text');
    expect(said).toContain('bindCredentials');
    const printed = await run(['config', '--redacted'], '', { DSN: 'c4n4ry-dsn' });
    expect(said + printed.said).not.toContain('c4n4ry');
  });
});
