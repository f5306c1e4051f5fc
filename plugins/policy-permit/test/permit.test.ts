import { describe, expect, it } from '@jest/globals';
import type { Ask, LoginAttempt, Verdict } from '@postern/contract';
import { attempt, type AttemptParts, fakeServices, parseConfig } from '@postern/testkit';
import fc from 'fast-check';
import { permitPlugin } from '../src/index.js';
import { readMoment } from '../src/moment.js';

const { signal } = new AbortController();

interface Opened {
  readonly ask: (parts?: AttemptParts, attributes?: Readonly<Record<string, string>>) => Promise<Verdict>;
  readonly asked: readonly LoginAttempt[];
  readonly services: ReturnType<typeof fakeServices>;
}

/** A policy around a store that accepts everybody. */
const open = (input: unknown, inner?: Verdict): Opened => {
  const services = fakeServices();
  const policy = permitPlugin.create(parseConfig(permitPlugin, input), services);
  const asked: LoginAttempt[] = [];
  const ask: Opened['ask'] = (parts = {}, attributes = {}) => {
    const next: Ask = (login) => {
      asked.push(login);
      return Promise.resolve(inner ?? { kind: 'accepted', account: { user: login.user, attributes } });
    };
    return policy.around(next)(attempt(parts), signal);
  };
  return { ask, asked, services };
};

const said = async (verdict: Promise<Verdict>): Promise<string> => {
  const known = await verdict;
  return known.kind === 'refused' ? `${known.why} (${String(known.proofHeld)}) ${String(known.rule)}` : known.kind;
};

describe('protocols', () => {
  it('are those of the list', async () => {
    const { ask } = open({ protocols: ['imap', 'smtp'] });
    expect(await said(ask({ protocol: 'imap' }))).toBe('accepted');
    expect(await said(ask({ protocol: 'smtp' }))).toBe('accepted');
    expect(await said(ask({ protocol: 'pop3' }))).toBe('policy (true) protocols');
    expect(await said(open({ protocols: 'pop3' }).ask({ protocol: 'pop3' }))).toBe('accepted');
  });

  it('are those of the account, in any case and with any separator; words of other services are somebody else’s', async () => {
    const { ask } = open({ protocols: 'attributes.services' });
    for (const services of ['imap', 'IMAP,smtp', 'sieve imap', ' pop3; imap ', 'jmap,\timap']) {
      expect(await said(ask({}, { services }))).toBe('accepted');
    }
    for (const services of ['', 'pop3', 'imaps', 'imap4', 'sieve', '*', 'map', 'i map']) {
      expect(await said(ask({}, { services }))).toBe('policy (true) protocols: attributes.services');
    }
  });
});

describe('networks', () => {
  it('are those of the list, in both families', async () => {
    const { ask } = open({ networks: ['192.0.2.0/24', '2001:db8::/32'] });
    for (const ip of ['192.0.2.1', '192.0.2.255', '2001:db8::1']) expect(await said(ask({ client: { ip } }))).toBe('accepted');
    for (const ip of ['192.0.3.1', '2001:db9::1', 'unix:', '']) expect(await said(ask({ client: { ip } }))).toBe('policy (true) networks');
    expect(await said(open({ networks: '192.0.2.7' }).ask())).toBe('accepted');
  });

  it('are those of the account; a text that is none is no permission, and no wrong password either', async () => {
    const { ask } = open({ networks: 'attributes.nets' });
    const from = (ip: string, nets: string): Promise<string> => said(ask({ client: { ip } }, { nets }));
    expect(await from('192.0.2.9', '198.51.100.7, 192.0.2.0/24')).toBe('accepted');
    expect(await from('192.0.2.9', '198.51.100.7')).toBe('policy (true) networks: attributes.nets');
    expect(await from('unix:', '198.51.100.7 local')).toBe('accepted');
    expect(await from('unix:', '198.51.100.7')).toBe('policy (true) networks: attributes.nets');
    expect(await from('192.0.2.9', '')).toBe('policy (true) networks: attributes.nets');
    for (const nets of ['192.0.2.0/33', '192.0.2.0/24,everywhere', '0/0', '192.0.2'])
      expect(await from('192.0.2.9', nets)).toBe('deferred');
  });
});

describe('notAfter', () => {
  const ends = async (end: string, at: string): Promise<string> => {
    const { ask, services } = open({ notAfter: end });
    services.clock.jump(Date.parse(at) - services.clock.now());
    return said(ask());
  };

  it('a day lasts until it is over in UTC', async () => {
    expect(await ends('2026-12-31', '2026-12-31T23:59:59.999Z')).toBe('accepted');
    expect(await ends('2026-12-31', '2027-01-01T00:00:00Z')).toBe('expired (true) notAfter');
  });

  it('a time is exact, in its own zone', async () => {
    expect(await ends('2026-12-31T18:00:00+02:00', '2026-12-31T16:00:00Z')).toBe('accepted');
    expect(await ends('2026-12-31T18:00:00+02:00', '2026-12-31T16:00:00.001Z')).toBe('expired (true) notAfter');
  });

  it.each([
    ['2026-12-31 18:00:00', '2026-12-31T18:00:00Z'],
    ['2026-12-31 18:00', '2026-12-31T18:00:00Z'],
    ['2026-12-31 18:00:00.5+00', '2026-12-31T18:00:00.500Z'],
    ['2026-12-31 18:00:00-0530', '2026-12-31T23:30:00Z'],
    ['2026-12-31t18:00:00z', '2026-12-31T18:00:00Z'],
    ['20261231180000Z', '2026-12-31T18:00:00Z'],
    ['202612311800Z', '2026-12-31T18:00:00Z'],
    ['2026123118Z', '2026-12-31T18:00:00Z'],
    ['20261231180000.0Z', '2026-12-31T18:00:00Z'],
    ['20261231180000+0100', '2026-12-31T17:00:00Z'],
    ['1798740000', '2026-12-31T18:00:00Z'],
    ['134432136000000000', '2026-12-31T18:00:00Z'],
  ])('reads %s', (text, iso) => expect(readMoment(text)).toBe(Date.parse(iso)));

  it.each(['0', '9223372036854775807'])('%s is Active Directory’s never', (text) => expect(readMoment(text)).toBe(Infinity));

  it.each([
    '',
    'never',
    '2026-02-30',
    '2026-13-01',
    '2026-12-31T25:00:00Z',
    '20260230180000Z',
    '31.12.2026',
    '2026',
    '12345',
    '1e12',
    '-1',
  ])('%j is no moment: a config with it does not start, an account with it is deferred', async (text) => {
    expect(readMoment(text)).toBeUndefined();
    expect(() => open({ notAfter: text })).toThrow('notAfter');
    expect(await said(open({ notAfter: 'attributes.until' }).ask({}, { until: text }))).toBe('deferred');
  });

  it('whatever text an account has, it is read or not, and nothing is thrown', () => {
    fc.assert(fc.property(fc.string(), (text) => readMoment(text) === undefined || typeof readMoment(text) === 'number'));
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('1000-01-01'), max: new Date('9999-12-31') }),
        (date) => readMoment(date.toISOString()) === date.getTime(),
      ),
    );
  });

  it('is the account’s own', async () => {
    const { ask } = open({ notAfter: 'attributes.shadow' });
    expect(await said(ask({}, { shadow: '2025-12-31' }))).toBe('expired (true) notAfter: attributes.shadow');
    expect(await said(ask({}, { shadow: '2026-01-01' }))).toBe('accepted');
  });
});

describe('requireTls', () => {
  it('refuses before the password reaches a store', async () => {
    const { ask, asked } = open({ requireTls: true });
    expect(await said(ask())).toBe('tls-required (false) requireTls');
    expect(asked).toHaveLength(0);
    expect(await said(ask({ tls: {} }))).toBe('accepted');
  });

  it('a client certificate is TLS', async () => {
    const proof = {
      mechanism: 'external',
      certificate: { subject: 'CN=x', issuer: 'CN=y', serial: '01', fingerprint: '0'.repeat(40) },
    } as const;
    expect(await said(open({ requireTls: true }).ask({ proof }))).toBe('accepted');
  });

  it('of an account is known only once a store accepted it', async () => {
    const { ask, asked } = open({ requireTls: 'attributes.tls' });
    for (const tls of ['yes', 'TRUE', '1', 'on'])
      expect(await said(ask({}, { tls }))).toBe('tls-required (true) requireTls: attributes.tls');
    for (const tls of ['no', 'FALSE', '0', 'off', '']) expect(await said(ask({}, { tls }))).toBe('accepted');
    expect(await said(ask({}, { tls: 'perhaps' }))).toBe('deferred');
    expect(await said(ask({ tls: {} }, { tls: 'yes' }))).toBe('accepted');
    expect(asked).toHaveLength(11);
  });

  it('switched off asks for nothing', async () => {
    expect(await said(open({ requireTls: false }).ask())).toBe('accepted');
  });
});

describe('an account without the attribute', () => {
  it('is not concerned, unless `whenMissing` says so', async () => {
    const all = { protocols: 'attributes.a', networks: 'attributes.b', notAfter: 'attributes.c', requireTls: 'attributes.d' };
    expect(await said(open(all).ask())).toBe('accepted');
    for (const [rule, name] of Object.entries(all)) {
      const { ask } = open({ [rule]: name, whenMissing: 'refuse' });
      expect(await said(ask({ tls: {} }))).toContain(`(true) ${rule}: ${name} is missing`);
    }
  });

  it('does not borrow one from every object', async () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(await said(open({ protocols: `attributes.${name}`, whenMissing: 'refuse' }).ask())).toContain('is missing');
      expect(await said(open({ protocols: `attributes.${name}` }).ask({}, Object.fromEntries([[name, 'pop3']])))).toContain(
        'policy (true)',
      );
    }
  });
});

describe('what it leaves alone', () => {
  it.each<Verdict>([
    { kind: 'rejected' },
    { kind: 'unknown-user' },
    { kind: 'unsupported' },
    { kind: 'limited' },
    { kind: 'deferred', cause: 'x' },
    { kind: 'refused', why: 'disabled', proofHeld: false },
  ])('a wrong password hears nothing of the rules: %j', async (inner) => {
    expect(await open({ protocols: ['pop3'] }, inner).ask()).toBe(inner);
  });

  it('mail to an account that may not log in over SMTP still comes', async () => {
    const proof = { mechanism: 'none', from: 'x@example.net', to: 'ann@example.org', helo: 'mx' } as const;
    const { ask } = open({ protocols: ['imap'], networks: ['10.0.0.0/8'], requireTls: true, notAfter: '2020-01-01' });
    expect(await said(ask({ proof, protocol: 'smtp' }))).toBe('accepted');
  });
});

describe('the operator', () => {
  it('reads in the log which rule fired for which login, and no attribute’s value', async () => {
    const { ask, services } = open({ networks: 'attributes.nets' });
    await ask({ id: 'login-1', password: 'canary' }, { nets: '198.51.100.7' });
    expect(services.log.lines).toEqual([
      { level: 'info', message: 'not permitted', fields: { id: 'login-1', rule: 'networks: attributes.nets', why: 'policy' } },
    ]);
  });

  it('sees the rules in a rehearsal, which is asked like a login', async () => {
    const policy = permitPlugin.create(parseConfig(permitPlugin, { protocols: ['pop3'] }), fakeServices());
    const next: Ask = () => Promise.resolve({ kind: 'accepted', account: { user: 'ann', attributes: {} } });
    expect(await policy.rehearse?.(next)(attempt(), signal)).toEqual({
      kind: 'refused',
      why: 'policy',
      proofHeld: true,
      rule: 'protocols',
    });
  });

  it.each([
    [{}, 'expected at least one of'],
    [{ whenMissing: 'refuse' }, 'expected at least one of'],
    [{ protocols: [] }, 'protocols'],
    [{ protocols: ['http'] }, 'protocols: expected attributes.NAME, or imap'],
    [{ protocols: 'attribute.x' }, 'protocols'],
    [{ protocols: 'attributes.' }, 'protocols'],
    [{ networks: ['192.0.2.0/33'] }, 'networks: expected attributes.NAME, or a network'],
    [{ networks: 'anywhere' }, 'networks'],
    [{ notAfter: 20261231 }, 'notAfter'],
    [{ requireTls: 'yes' }, 'requireTls: expected true, false or attributes.NAME'],
    [{ protocol: ['imap'] }, 'Unrecognized key'],
  ])('is told what is wrong with %j', (input, message) => expect(() => open(input)).toThrow(message));
});
