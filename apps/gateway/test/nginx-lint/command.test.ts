import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runIn, type Run } from '../support/command-line.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { imap, mail, secret } from './lint-fixtures.js';

describe('postern nginx --lint', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder().write(smallConfig({ listen: '127.0.0.1:9143', nginx: { key: { env: 'KEY' } } }));
  });
  afterEach(() => folder.remove());

  const run = (words: readonly string[], input: string | Buffer = ''): Promise<Run> =>
    runIn(folder, ['nginx', ...words], input, { KEY: secret });

  it('ends with 0 for what it printed itself, and with warnings alone', async () => {
    const { out: block } = await run(['--reveal-key', '--certificate', 'a', '--certificate-key', 'b']);
    expect(await run(['--lint', '-'], `events {}\n${block}`)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^6 mail servers against .*: nothing to say\n$/),
    });
    const { out: plain } = await run(['--reveal-key']);
    expect(await run(['--lint', '-'], plain)).toMatchObject({ code: 0, out: expect.stringMatching(/0 errors, 3 warnings\n$/) });
  });

  it('ends with 1 when there are errors, each with place, rule and what to write, and shows no key', async () => {
    const wrong = mail(`${imap}\nauth_http_header X-Auth-Key ${secret}x;\nauth_http_header X-Other hidden-value;`);
    const { code, out } = await run(['--lint', folder.add('nginx.conf', wrong)]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /nginx\.conf:10 {2}error {2}auth_http_header {2}\(key-wrong\)\n {4}.*\n {4}→ Write auth_http_header X-Auth-Key "…";/,
    );
    expect(out).toMatch(/1 mail server against .*postern\.yaml: 1 error, 0 warnings\n$/);
    const json = await run(['--lint', 'nginx.conf', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      servers: 1,
      findings: [{ level: 'error', rule: 'key-wrong', line: 10, directive: 'auth_http_header' }],
    });
    for (const text of [out, json.out]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain('hidden-value');
    }
  });

  it.each<[string, readonly string[], string | Buffer, string]>([
    ['a file that is not there', ['--lint', 'missing'], '', 'missing cannot be read (ENOENT)'],
    ['a folder', ['--lint', '.'], '', 'cannot be read (EISDIR)'],
    [
      'a block without end',
      ['--lint', '-'],
      'events {}\nmail {\nserver {',
      'stdin:3 cannot be read as an nginx config: a block that begins here is never closed',
    ],
    ['a } too many', ['--lint', '-'], 'events {}\n}', 'stdin:2 cannot be read'],
    ['a NUL', ['--lint', '-'], 'a;\nb\u0000;', 'stdin:2 holds a NUL byte'],
    ['what is far too long', ['--lint', '-'], Buffer.alloc(50_000_000, '{'), 'this is longer than 16 MiB'],
    ['blocks within blocks', ['--lint', '-'], 'a {'.repeat(100_000), 'blocks are nested deeper than 100'],
    ['a wish for a block as well', ['--lint', '-', '--reveal-key'], '', '--lint prints no block'],
    ['JSON of a block', ['--json'], '', '--json is for --lint'],
    ['a config that is wrong', ['--lint', '-', '-c', 'none.yaml'], 'mail {}', 'config-unreadable'],
  ])('ends with 2 on %s', async (_name, words, input, said) => {
    const { code, out, err } = await run(words, input);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err).not.toContain('bug in postern');
  });

  it('shows nothing of a file that could paint over a terminal', async () => {
    const { out } = await run(['--lint', '-'], mail(`${imap}\nauth_http "127.0.0.1\u001b[31m:1/";`));
    expect(out).toContain('\\u{1b}[31m');
    expect(out).not.toContain('\u001b');
  });
});
