import { describe, expect, it } from '@jest/globals';
import { Template, type LoginAttempt } from '@postern/contract';

const attempt: LoginAttempt = {
  id: '1',
  user: 'anna@example.org',
  rawUser: 'Anna@Example.ORG',
  proof: { mechanism: 'plain', password: 'pw', bytes: Buffer.from('pw') },
  protocol: 'imap',
  client: { ip: '192.0.2.1' },
  ordinal: 1,
};

describe('a template', () => {
  it('fills in what the attempt knows', () => {
    expect(Template.parse('{local}+{domain}/{protocol}@{clientIp}').render(attempt)).toBe('anna+example.org/imap@192.0.2.1');
  });

  it('escapes values and leaves the text around them alone', () => {
    expect(Template.parse('(mail={user})').render(attempt, undefined, (value) => `<${value}>`)).toBe('(mail=<anna@example.org>)');
  });

  it('gives nothing when an attribute is missing, and never reads inherited properties', () => {
    const account = { user: 'anna@example.org', attributes: { host: 'mail-a' } };
    expect(Template.parse('{attributes.host}').render(attempt, account)).toBe('mail-a');
    expect(Template.parse('{attributes.constructor}').render(attempt, account)).toBeUndefined();
  });

  it('names the unknown variable and the stray brace', () => {
    expect(() => Template.parse('{usr}')).toThrow('unknown variable {usr}');
    expect(() => Template.parse('a}b')).toThrow('stray }');
    expect(Template.parse('{{x}}').render(attempt)).toBe('{x}');
  });
});
