import { afterEach, describe, expect, it } from '@jest/globals';
import { logIn, type LoginOutcome } from '../../src/cli/doctor/mail-login.js';
import type { Protocol } from '@postern/contract';
import { converses, floods, says, ScriptedServer, stalls, type Script } from './support/scripted-server.js';

const person = { user: 'ann ä@example.org', password: ' p"a\\s{3}é' };
const latin = (text: string): string => Buffer.from(text).toString('latin1');

let closing: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of closing) await server.stop();
  closing = [];
});

const attempt = async (protocol: Protocol, script: Script, { withTls = false, ms = 10_000 } = {}): Promise<LoginOutcome> => {
  const server = await ScriptedServer.start(script);
  closing.push(server);
  const tls = withTls ? ({ options: { rejectUnauthorized: false }, from: 'command' } as const) : undefined;
  return logIn({ protocol, address: server.address, tls, person, limits: { ms, bytes: 5000 } });
};

describe('a small mail client', () => {
  it('says an IMAP login in literals', async () => {
    const lines: string[] = [];
    const outcome = await attempt(
      'imap',
      converses('* OK ready\r\n', (line) => {
        lines.push(line);
        if (line.endsWith('}')) return '+ go on\r\n';
        return line.startsWith('z') ? '' : '* CAPABILITY IMAP4rev1\r\na OK in\r\n';
      }),
    );
    expect(outcome).toEqual({ kind: 'in', said: 'a OK in' });
    const [user, password] = [latin(person.user), latin(person.password)];
    expect(lines.slice(0, 3)).toEqual([`a LOGIN {${user.length}}`, `${user} {${password.length}}`, password]);
  });

  it('says a POP3 login in two commands, and an SMTP login as AUTH PLAIN', async () => {
    const lines: string[] = [];
    const heard = (answer: string) => (line: string) => {
      lines.push(line);
      return answer;
    };
    expect(await attempt('pop3', converses('+OK hi\r\n', heard('+OK\r\n')))).toMatchObject({ kind: 'in' });
    expect(lines.slice(0, 2)).toEqual([`USER ${latin(person.user)}`, `PASS ${latin(person.password)}`]);
    const smtp = converses('220 hi\r\n', (line) => (line.startsWith('EHLO') ? '250-hi\r\n250 AUTH PLAIN\r\n' : heard('235 in\r\n')(line)));
    expect(await attempt('smtp', smtp)).toMatchObject({ kind: 'in' });
    expect(lines).toContain(`AUTH PLAIN ${Buffer.from(`\0${person.user}\0${person.password}`).toString('base64')}`);
  });

  it.each<[Protocol, Script, string]>([
    ['imap', converses('* OK\r\n', () => 'a NO [AUTHENTICATIONFAILED] no\r\n'), 'a NO [AUTHENTICATIONFAILED] no'],
    ['pop3', converses('+OK\r\n', () => '-ERR [AUTH] no\r\n'), '-ERR [AUTH] no'],
    ['smtp', converses('220 hi\r\n', (line) => (line.startsWith('EHLO') ? '250 hi\r\n' : '535 5.7.8 no\r\n')), '535 5.7.8 no'],
  ])('hears a no over %s', async (protocol, script, said) => {
    expect(await attempt(protocol, script)).toEqual({ kind: 'refused', said });
  });

  it.each<[string, Protocol, Script, string]>([
    ['says nothing', 'imap', stalls(), 'no answer within 300 ms'],
    ['stops within its greeting', 'imap', stalls('* O'), 'no answer within 300 ms'],
    ['hangs up', 'pop3', says(''), 'closed the connection'],
    ['greets without end', 'smtp', floods('220 hello '), 'more than 5000 bytes'],
    ['greets as something else', 'imap', says('220 smtp here\r\n'), 'does not begin with * OK'],
    ['answers what is no IMAP', 'imap', converses('* OK\r\n', () => 'HTTP/1.1 400\r\n'), 'no IMAP server says'],
    ['never ends its answer', 'imap', converses('* OK\r\n', () => '* x\r\n'.repeat(2000)), 'more than 5000 bytes'],
    ['falls silent after the name', 'pop3', converses('+OK\r\n', () => ''), 'no answer within 300 ms'],
  ])('ends in a sentence at a server that %s', async (_what, protocol, script, why) => {
    const ms = why.startsWith('no answer') ? 300 : 10_000;
    await expect(attempt(protocol, script, { ms })).rejects.toThrow(why);
  });

  it.each<[Protocol, string, string]>([
    ['imap', '* OK\r\n', 't NO not here\r\n'],
    ['pop3', '+OK\r\n', '-ERR not here\r\n'],
    ['smtp', '220 hi\r\n', '502 not here\r\n'],
  ])('says no password in clear text over %s where TLS was wanted and is refused', async (protocol, greeting, refusal) => {
    const lines: string[] = [];
    const script = converses(greeting, (line) => {
      lines.push(line);
      return line.startsWith('EHLO') ? '250 hi\r\n' : refusal;
    });
    await expect(attempt(protocol, script, { withTls: true })).rejects.toThrow(/STARTTLS|STLS/);
    expect(lines.join('\n')).not.toMatch(/LOGIN|USER|PASS|AUTH/);
  });

  it('trusts nothing that was said in clear text before TLS', async () => {
    const script = converses('* OK\r\n', () => 't OK go on\r\na OK injected\r\n');
    await expect(attempt('imap', script, { withTls: true })).rejects.toThrow('before TLS');
  });

  it('does not let a line break become a command of its own', async () => {
    const server = await ScriptedServer.start(converses('+OK\r\n', () => '+OK\r\n'));
    closing.push(server);
    const sly = { user: 'ann', password: 'x\r\nDELE 1' };
    const login = { protocol: 'pop3', address: server.address, tls: undefined, person: sly, limits: { ms: 300, bytes: 5000 } } as const;
    await expect(logIn(login)).rejects.toThrow('line break');
  });
});
