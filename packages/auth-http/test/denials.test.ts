import { describe, expect, it } from '@jest/globals';
import { mechanisms, protocols, type Mechanism } from '@postern/contract';
import {
  askedOf,
  clientText,
  decode,
  defaultDenialRules,
  denialKinds,
  Encoder,
  phraseTable,
  toWire,
  type Asked,
  type DenialKind,
  type DenialRules,
  type HeaderField,
} from '../src/index.js';
import { attemptOf, noProxies, question } from './support/ask.js';
import { nginxReads } from './support/nginx.js';
import { flawsOf } from './support/well-formed.js';

const encoder = new Encoder(defaultDenialRules);

const headersOf = (denial: DenialKind, asked: Asked, by = encoder): readonly HeaderField[] =>
  by.encode({ kind: 'denied', denial, asked }).headers;

const fieldOf = (denial: DenialKind, asked: Asked, name: string, by = encoder): string | undefined =>
  headersOf(denial, asked, by).find(([one]) => one === name)?.[1];

const waitOf = (denial: DenialKind, asked: Asked, rules: Partial<DenialRules> = {}): number =>
  Number(fieldOf(denial, asked, 'Auth-Wait', new Encoder({ ...defaultDenialRules, ...rules })) ?? 0);

const everyQuestion = [undefined, ...protocols].flatMap((protocol) =>
  [undefined, ...mechanisms].flatMap((mechanism) =>
    [undefined, 0, 1, 2, 3, 9, 10, 11, 1e9].map((ordinal): Asked => ({
      ...(protocol === undefined ? {} : { protocol }),
      ...(mechanism === undefined ? {} : { mechanism }),
      ...(ordinal === undefined ? {} : { ordinal }),
    })),
  ),
);

describe('denials on the wire', () => {
  it('rule 40, rule 44, rule 45, rule 50, rule 51, rule 52: every one is well formed and read by nginx as a failure', () => {
    const longest = new Encoder({ cap: 20, waits: [30], digestWait: true }, 384);
    for (const asked of everyQuestion) {
      for (const denial of denialKinds) {
        const encoded = longest.encode({ kind: 'denied', denial, asked });
        expect([denial, asked, flawsOf(encoded, 384)]).toEqual([denial, asked, []]);
        expect(encoded).toMatchObject({ sent: denial });
        expect(nginxReads(toWire(encoded.headers), asked.protocol ?? 'imap').kind).toBe('failure');
      }
    }
  });

  it('what the mail client reads is what explain shows', () => {
    for (const protocol of protocols) {
      for (const denial of denialKinds) {
        const headers = headersOf(denial, { protocol, mechanism: 'plain', ordinal: 1 });
        expect(nginxReads(toWire(headers), protocol)).toMatchObject({ clientReads: clientText(headers, protocol) });
      }
    }
    const ok = encoder.encode({
      kind: 'placed',
      server: '::1',
      port: 25,
      user: 'u',
      asked: { protocol: 'smtp', mechanism: 'plain' },
    }).headers;
    expect([clientText(ok, 'smtp'), clientText(ok, 'imap').slice(0, 3), clientText(ok, 'pop3').slice(0, 4)]).toEqual([
      '235 2.0.0 OK',
      'OK ',
      '+OK ',
    ]);
  });

  it('rule 52: IMAP and POP3 texts start with one response code, SMTP texts with none', () => {
    for (const denial of denialKinds) {
      const text = (protocol: (typeof protocols)[number]): string =>
        fieldOf(denial, { protocol, mechanism: 'plain', ordinal: 1 }, 'Auth-Status') ?? '';
      expect(text('imap')).toMatch(/^\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|LIMIT|UNAVAILABLE)\] [A-Z]/);
      expect(text('pop3')).toMatch(/^\[(?:AUTH|SYS\/TEMP)\] [A-Z]/);
      expect(text('smtp')).toMatch(/^[A-Z]/);
    }
  });

  it('rule 51: an error code goes to SMTP only', () => {
    for (const denial of denialKinds) {
      expect(fieldOf(denial, { protocol: 'smtp', mechanism: 'plain' }, 'Auth-Error-Code')).toBe(phraseTable[denial].smtp);
      expect(fieldOf(denial, { protocol: 'smtp', mechanism: 'none' }, 'Auth-Error-Code')).toBe(phraseTable[denial].rcpt);
      for (const protocol of ['imap', 'pop3'] as const) expect(fieldOf(denial, { protocol }, 'Auth-Error-Code')).toBeUndefined();
    }
  });

  it('rule 53: the words are the same whatever the client sent', () => {
    const headers = question({ 'Auth-User': 'canary-4711', 'Auth-Pass': 'canary-4711' });
    const decoded = decode(headers, { trustedProxies: noProxies });
    for (const denial of denialKinds) {
      expect(toWire(headersOf(denial, askedOf(attemptOf(decoded)))).toString('latin1')).not.toContain('canary');
    }
  });

  it('rule 54: is one buffer without a body, equal for equal denials', () => {
    const wire = toWire(headersOf('rejected', { protocol: 'smtp', mechanism: 'plain', ordinal: 2 }));
    expect(wire.toString('latin1')).toBe(
      'HTTP/1.0 200 OK\r\nAuth-Status: Invalid user name or password\r\nAuth-Wait: 2\r\nAuth-Error-Code: 535 5.7.8\r\n\r\n',
    );
    expect(toWire(headersOf('rejected', { protocol: 'smtp', mechanism: 'plain', ordinal: 2 }))).toEqual(wire);
    expect(toWire([...headersOf('rejected', { protocol: 'smtp', mechanism: 'plain', ordinal: 2 })])).toEqual(wire);
  });

  it('rule 55: no denial, kind or config ever says WAIT', () => {
    for (const asked of everyQuestion) for (const denial of denialKinds) expect(fieldOf(denial, asked, 'Auth-Status')).not.toBe('WAIT');
  });
});

describe('what a mail client hears', () => {
  const heard = (denial: DenialKind, mechanism: Mechanism = 'plain'): readonly string[] =>
    protocols.map((protocol) => clientText(headersOf(denial, { protocol, mechanism, ordinal: 1 }), protocol));

  it('rule 59: a wrong password, and all that must sound like one', () => {
    expect(heard('rejected')).toEqual([
      'NO [AUTHENTICATIONFAILED] Invalid user name or password',
      '-ERR [AUTH] Invalid user name or password',
      '535 5.7.8 Invalid user name or password',
    ]);
  });

  it('rule 57: an outage sounds temporary in every protocol', () => {
    expect(heard('deferred')).toEqual([
      'NO [UNAVAILABLE] Temporary server problem, please try again later',
      '-ERR [SYS/TEMP] Temporary server problem, please try again later',
      '454 4.7.0 Temporary server problem, please try again later',
    ]);
    expect(heard('deferred', 'none')[2]).toBe('451 4.3.0 Temporary server problem, please try again later');
    expect(heard('limited')).toEqual([
      'NO [LIMIT] Too many attempts, please try again later',
      '-ERR [SYS/TEMP] Too many attempts, please try again later',
      '454 4.7.0 Too many attempts, please try again later',
    ]);
  });

  it('a refused account whose proof held', () => {
    const codes = (denial: DenialKind): readonly string[] =>
      heard(denial).map((line) => line.replace(/^(NO \S+|-ERR \S+|\d+ \S+) .*/, '$1'));
    expect(codes('disabled')).toEqual(['NO [AUTHORIZATIONFAILED]', '-ERR [AUTH]', '535 5.7.8']);
    expect(codes('locked')).toEqual(['NO [AUTHORIZATIONFAILED]', '-ERR [AUTH]', '535 5.7.8']);
    expect(codes('policy')).toEqual(['NO [AUTHORIZATIONFAILED]', '-ERR [AUTH]', '535 5.7.8']);
    expect(codes('expired')).toEqual(['NO [EXPIRED]', '-ERR [AUTH]', '535 5.7.8']);
    expect(codes('tls-required')).toEqual(['NO [PRIVACYREQUIRED]', '-ERR [AUTH]', '530 5.7.0']);
  });

  it('a recipient without a login', () => {
    const rcpt = (denial: DenialKind): string => clientText(headersOf(denial, { protocol: 'smtp', mechanism: 'none', ordinal: 1 }), 'smtp');
    expect(rcpt('unknown-recipient')).toBe('550 5.1.1 There is no such recipient here');
    expect(rcpt('relay-denied')).toBe('550 5.7.1 Relaying is not allowed');
    expect(rcpt('bad-address')).toBe('501 5.1.3 The address is not well formed');
  });

  it('rule 09, rule 57: where the protocol is not known, a passing problem in words and a code that all of them take', () => {
    const passing = [
      ['Auth-Status', 'Temporary server problem, please try again later'],
      ['Auth-Error-Code', '454 4.7.0'],
    ];
    for (const denial of denialKinds) {
      for (const mechanism of mechanisms) expect(headersOf(denial, { mechanism, ordinal: 10 })).toEqual(passing);
    }
    expect(headersOf('deferred', {})).toEqual(passing);
    const heard = protocols.map((protocol) => nginxReads(toWire(headersOf('deferred', {})), protocol));
    expect(heard.map((reading) => (reading.kind === 'failure' ? reading.clientReads : reading.kind))).toEqual([
      'NO Temporary server problem, please try again later',
      '-ERR Temporary server problem, please try again later',
      '454 4.7.0 Temporary server problem, please try again later',
    ]);
  });

  it('rule 37: a failed token is answered with a SASL error, an outage is not', () => {
    const challenge = (denial: DenialKind, mechanism: Mechanism): unknown => {
      const text = fieldOf(denial, { protocol: 'imap', mechanism, ordinal: 1 }, 'Auth-Error-SASL');
      if (text === undefined) return undefined;
      expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/);
      return JSON.parse(Buffer.from(text, 'base64').toString());
    };
    expect(challenge('rejected', 'xoauth2')).toEqual({ status: '401', schemes: 'bearer', scope: 'mail' });
    expect(challenge('rejected', 'oauthbearer')).toEqual({ status: 'invalid_token' });
    expect(challenge('disabled', 'oauthbearer')).toEqual({ status: 'insufficient_scope' });
    for (const denial of ['deferred', 'limited', 'tls-required'] as const) expect(challenge(denial, 'xoauth2')).toBeUndefined();
    for (const mechanism of ['plain', 'cram-md5', 'external', 'none'] as const) expect(challenge('rejected', mechanism)).toBeUndefined();
  });
});

describe('the ladder of waits', () => {
  const attempt = (ordinal: number, mechanism: Mechanism = 'plain'): Asked => ({
    protocol: 'smtp',
    mechanism,
    ordinal,
  });

  it('rule 60: failures wait longer each time, and from the cap on the connection is closed', () => {
    expect([1, 2, 3, 4, 9, 10, 11, 5_000].map((ordinal) => waitOf('rejected', attempt(ordinal)))).toEqual([1, 2, 3, 3, 3, 0, 0, 0]);
    expect([1, 2, 9, 10].map((ordinal) => waitOf('deferred', attempt(ordinal)))).toEqual([1, 2, 3, 0]);
    expect([1, 2, 3, 4].map((ordinal) => waitOf('rejected', attempt(ordinal), { cap: 4, waits: [5] }))).toEqual([5, 5, 5, 0]);
    expect(waitOf('rejected', attempt(1), { cap: 1 })).toBe(0);
  });

  it('rule 60: an attempt whose number is not known, or no number, gets no wait', () => {
    expect(waitOf('rejected', { protocol: 'imap', mechanism: 'plain' })).toBe(0);
    expect(waitOf('rejected', { protocol: 'imap', ordinal: 1 })).toBe(0);
    for (const ordinal of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(waitOf('rejected', attempt(ordinal))).toBe(0);
  });

  it('rule 60: refused and limited clients are not asked to try again', () => {
    for (const denial of ['disabled', 'expired', 'locked', 'policy', 'tls-required', 'limited'] as const) {
      expect(waitOf(denial, attempt(1))).toBe(0);
    }
  });

  it('rule 61: failed digests get no wait unless nginx is known to bear it', () => {
    for (const mechanism of ['apop', 'cram-md5'] as const) {
      for (const denial of denialKinds) expect(waitOf(denial, attempt(1, mechanism))).toBe(0);
      expect(waitOf('rejected', attempt(2, mechanism), { digestWait: true })).toBe(2);
      expect(waitOf('rejected', attempt(10, mechanism), { digestWait: true })).toBe(0);
    }
  });

  it('rule 62: a refused recipient leaves the others a chance below the cap', () => {
    for (const denial of denialKinds.filter((kind) => kind !== 'limited')) {
      expect([denial, ...[1, 5, 9, 10].map((ordinal) => waitOf(denial, attempt(ordinal, 'none')))]).toEqual([denial, 1, 1, 1, 0]);
    }
    expect(waitOf('limited', attempt(1, 'none'))).toBe(0);
  });

  it('rule 50: takes only rules that keep waits within 1 to 30 seconds and the cap within 1 to 20', () => {
    const bad: readonly Partial<DenialRules>[] = [
      { cap: 0 },
      { cap: 21 },
      { cap: 2.5 },
      { cap: Number.NaN },
      { waits: [] },
      { waits: [0] },
      { waits: [31] },
      { waits: [1, 1.5] },
    ];
    for (const rules of bad) expect(() => new Encoder({ ...defaultDenialRules, ...rules })).toThrow(RangeError);
    expect(waitOf('rejected', attempt(1), { cap: 20, waits: [30] })).toBe(30);
  });
});
