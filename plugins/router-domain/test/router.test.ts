import { describe, expect, it } from '@jest/globals';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { domainPlugin } from '@postern/router-domain';
import fc from 'fast-check';

const backends = ['mail-a', 'mail-b', 'mail-c', 'mail-d', 'mail-x.example'];
const signal = new AbortController().signal;

const make = (routes: Record<string, string>, fallback?: string) => {
  const services = fakeServices({ backends });
  const config = parseConfig(domainPlugin, { routes, ...(fallback === undefined ? {} : { default: fallback }) });
  const router = domainPlugin.create(config, services);
  const ask = (user: string) => router.locate({ user, attributes: {} }, attempt({ user }), signal);
  const where = async (user: string): Promise<string> => {
    const routing = await ask(user);
    if (routing.kind !== 'placed') return routing.kind;
    return routing.backends.map((ref) => (ref.kind === 'named' ? ref.name : `host ${ref.host}`)).join(' ');
  };
  return { ask, where, log: services.log };
};

describe('the domain router', () => {
  it('finds a domain by its name, in any case and with a trailing dot', async () => {
    const { where } = make({ 'Example.ORG': 'mail-a', 'example.net.': 'mail-b' });
    for (const user of ['ann@example.org', 'ann@EXAMPLE.org', 'ann@example.org.']) expect(await where(user)).toBe('mail-a');
    expect(await where('ann@example.net')).toBe('mail-b');
    for (const user of ['ann@a.example.org', 'ann@xexample.org', 'ann@example.org.evil.example', 'ann@org'])
      expect(await where(user)).toBe('homeless');
  });

  it('takes the domain after the last @', async () => {
    const { where } = make({ 'example.org': 'mail-a', 'example.net': 'mail-b' });
    expect(await where('ann@example.org@example.net')).toBe('mail-b');
  });

  it('finds every domain below a suffix, and not the suffix itself', async () => {
    const { where } = make({ '*.example.net': 'mail-b' });
    expect(await where('ann@a.example.net')).toBe('mail-b');
    expect(await where('ann@c.b.a.example.net')).toBe('mail-b');
    expect(await where('ann@example.net')).toBe('homeless');
    expect(await where('ann@badexample.net')).toBe('homeless');
  });

  it('prefers the exact domain, then the longest suffix, then expressions in order, then the default', async () => {
    const { where } = make(
      {
        '/^.*\\.example\\.net$/': 'mail-d',
        '/^(\\w+)\\.example\\.com$/': 'mail-$1',
        '/^.*\\.example\\.com$/': 'mail-b',
        '*.net': 'mail-a',
        '*.example.net': 'mail-b',
        'www.example.net': 'mail-c',
      },
      'mail-d',
    );
    expect(await where('ann@www.example.net')).toBe('mail-c');
    expect(await where('ann@x.example.net')).toBe('mail-b');
    expect(await where('ann@x.www.example.net')).toBe('mail-b');
    expect(await where('ann@example.net')).toBe('mail-a');
    expect(await where('ann@a.example.com')).toBe('mail-a');
    expect(await where('ann@a-b.example.com')).toBe('mail-b');
    expect(await where('ann@example.org')).toBe('mail-d');
    expect(await where('ann')).toBe('mail-d');
  });

  it('is no home for users without a domain, unless there is a default', async () => {
    for (const user of ['ann', 'ann@', '@', 'ann@[192.0.2.1]', `ann@${'a.'.repeat(200)}org`]) {
      expect(await make({ '/.*/': 'mail-a' }).where(user)).toBe('homeless');
      expect(await make({}, 'mail-b').where(user)).toBe('mail-b');
    }
  });

  it('matches IDN domains in either form, in routes and in logins, for all three kinds of rule', async () => {
    for (const rule of ['münchen.example', 'xn--mnchen-3ya.example', 'MÜNCHEN.example']) {
      const { where } = make({ [rule]: 'mail-a', [`*.${rule}`]: 'mail-b' });
      for (const domain of ['münchen.example', 'xn--mnchen-3ya.example', 'MÜNCHEN.EXAMPLE', 'mu\u0308nchen.example']) {
        expect(await where(`ann@${domain}`)).toBe('mail-a');
        expect(await where(`ann@mail.${domain}`)).toBe('mail-b');
      }
    }
    for (const rule of ['/^m[üu]nchen\\.(.)\\.example$/', '/^xn--mnchen-3ya\\.(.)\\.example$/']) {
      const { where } = make({ [rule]: 'mail-$1' });
      expect(await where('ann@münchen.a.example')).toBe('mail-a');
      expect(await where('ann@xn--mnchen-3ya.a.example')).toBe('mail-a');
    }
  });

  it('fills captures into the name of the backend', async () => {
    const { where } = make({
      '/^(\\w+)-(\\w)\\.Example\\.org$/': '$1-$2',
      '/^(a)?b\\.example$/': 'mail-$1',
      '/^(\\w)\\.(\\w)\\.example$/': 'mail-$2',
    });
    expect(await where('ann@mail-a.example.org')).toBe('mail-a');
    expect(await where('ann@x.d.example')).toBe('mail-d');
    expect(await where('ann@b.example')).toBe('deferred');
  });

  it('defers and says so when captures name a backend that is not declared, and never takes them for a host', async () => {
    const { ask, log } = make({ '/^(.*)$/': '$1' }, 'mail-a');
    expect(await ask('ann@mail-x.example')).toEqual({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-x.example' }] });
    for (const user of ['ann@evil.example', 'ann@__proto__', 'ann@constructor', 'ann@localhost']) {
      expect(await ask(user)).toMatchObject({ kind: 'deferred' });
    }
    expect(log.lines).toContainEqual({
      level: 'warn',
      message: expect.any(String),
      fields: { route: '/^(.*)$/', backend: 'evil.example' },
    });
  });

  it('finds the same among 100 000 rules', async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [[`d${index}.example`, 'mail-a'], [`*.d${index}.example`, 'mail-b']]).flat() as [string, string][]); // prettier-ignore
    const { where } = make({ ...many, '*.x.d7.example': 'mail-c' });
    expect(await where('ann@d49999.example')).toBe('mail-a');
    expect(await where('ann@a.b.c.d0.example')).toBe('mail-b');
    expect(await where('ann@a.x.d7.example')).toBe('mail-c');
    expect(await where('ann@d50000.example')).toBe('homeless');
  });

  it('agrees with a plain reading of the rules', async () => {
    const label = fc.constantFrom('a', 'b', 'c');
    const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    const routes = fc.dictionary(fc.tuple(fc.constantFrom('', '*.'), domain).map((parts) => parts.join('')), fc.constantFrom(...backends), { maxKeys: 12 }); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(routes, domain, async (table, asked) => {
        const rules = Object.keys(table);
        const suffixes = rules.filter((rule) => rule.startsWith('*.') && asked.endsWith(rule.slice(1)));
        const [rule] = [...rules.filter((key) => key === asked), ...suffixes.sort((one, other) => other.length - one.length)];
        expect(await make(table).where(`ann@${asked}`)).toBe(rule === undefined ? 'homeless' : table[rule]);
      }),
      { numRuns: 500 },
    );
  });
});
