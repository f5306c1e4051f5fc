import { describe, expect, it } from '@jest/globals';
import { kindOf, type AnswerKind, type Experience, type Login } from './login.js';
import { Model, type Judgement } from './model.js';
import { Outages } from './outages.js';
import { Passwords } from './passwords.js';
import { customers, disabled, movers, partners, staff, type Person } from './people.js';
import type { VictimName } from './victim.js';

const [anna] = staff as readonly [Person];
const [carl] = customers as readonly [Person];
const [paul] = partners as readonly [Person];

const rightAt = (person: Person, way: Login['way'] = 'door'): Login => ({
  ...{ person, password: person.password, way, protocol: 'imap', clientIp: '192.0.2.1' },
});
const wrongAt = (person: Person, way: Login['way'] = 'door'): Login => ({ ...rightAt(person, way), password: 'canary-wrong' });

/** Out from 1000 to 2000. */
const modelWith = (...out: readonly VictimName[]): Model => {
  let now = 1000;
  const outages = new Outages(() => now);
  for (const victim of out) outages.begin(victim);
  now = 2000;
  for (const victim of out) outages.end(victim);
  return new Model({ outages, passwords: new Passwords(1000), longestMs: 4000 });
};

interface Told extends Partial<Pick<Experience, 'from' | 'to'>> {
  readonly backend?: string;
  readonly user?: string;
}

const judge = (model: Model, login: Login, kind: AnswerKind, { from = 1500, to = 1600, backend, user }: Told = {}): Judgement => {
  const place = kind === 'accepted' ? { backend: backend ?? login.person.home ?? 'mail-a', user: user ?? login.person.user } : {};
  return model.judge({ login, from, to, answer: { kind, text: '', ...place } });
};

const found = (...args: Parameters<typeof judge>): string | undefined => judge(...args).violation?.kind;

describe('the model of the chaos suite', () => {
  it('lets a right password be let in at home or be put off, and a wrong one be refused or be put off', () => {
    const model = modelWith();
    expect([judge(model, rightAt(carl), 'accepted'), judge(model, wrongAt(carl), 'refused')]).toEqual([{}, {}]);
    expect([judge(model, rightAt(carl), 'deferred'), judge(model, wrongAt(carl), 'deferred')]).toEqual([{ idle: true }, {}]);
  });

  it('sees who is let in wrongly, whatever is broken', () => {
    const model = modelWith('postgres', 'gateway', 'nginx', 'slapd');
    expect(found(model, wrongAt(carl), 'accepted')).toBe('wrong accept');
    expect(found(model, rightAt(disabled, 'nginx'), 'accepted')).toBe('wrong accept');
  });

  it('sees an outage that is told as a wrong password, whatever is broken', () => {
    expect(found(modelWith('postgres'), rightAt(carl), 'refused')).toBe('outage told as a wrong password');
    expect(found(modelWith(), rightAt(anna, 'nginx'), 'refused')).toBe('outage told as a wrong password');
    expect(found(modelWith('redis'), rightAt(paul), 'limited')).toBe('limited without a limit');
  });

  it('sees somebody in the wrong mailbox, also where the home was learned', () => {
    const model = modelWith('mail-a');
    expect(found(model, rightAt(carl), 'accepted', { backend: 'mail-b' })).toBe('wrong mailbox');
    expect(found(model, rightAt(carl), 'accepted', { user: 'another@example.org' })).toBe('wrong mailbox');
    expect(found(model, rightAt(anna), 'accepted', { backend: 'mail-b' })).toBeUndefined();
    expect(found(model, rightAt(anna), 'accepted', { backend: 'mail-a' })).toBe('wrong mailbox');
    expect(found(modelWith(), rightAt(anna), 'accepted', { backend: '127.0.0.1:25' })).toBe('wrong mailbox');
  });

  it.each(['cut', 'silent', 'error'] as const)('excuses "%s" only with what carries the answer', (kind) => {
    expect(found(modelWith('postgres', 'nginx', 'mail-a'), rightAt(carl), kind)).toBe('no answer');
    expect(found(modelWith('gateway'), rightAt(carl), kind)).toBeUndefined();
    expect(found(modelWith('mail-a'), rightAt(carl, 'nginx'), kind)).toBeUndefined();
    expect(found(modelWith('mail-a'), wrongAt(carl, 'nginx'), kind)).toBe('no answer');
    expect(found(modelWith('gateway'), rightAt(carl), kind, { from: 2500, to: 2600 })).toBe('no answer');
  });

  it('knows that a password changed: the old one dies within the grace, the new one works at once, and both go meanwhile', () => {
    let now = 1000;
    const passwords = new Passwords(500, () => now);
    const [mover] = movers as readonly [Person];
    const change = passwords.begin(mover, 'canary-new');
    now = 1100;
    change.end();
    const model = new Model({ outages: new Outages(() => now), passwords, longestMs: 4000 });
    const login = (password: string): Login => ({ ...rightAt(mover), password });
    const at = (password: string, kind: AnswerKind, from: number, to = from + 10): string | undefined =>
      found(model, login(password), kind, { from, to });
    expect([passwords.current(mover), passwords.previous(mover)]).toEqual(['canary-new', mover.password]);
    expect([at(mover.password, 'accepted', 900), at(mover.password, 'refused', 900)]).toEqual([
      undefined,
      'outage told as a wrong password',
    ]);
    expect([at('canary-new', 'accepted', 900), at('canary-new', 'refused', 900)]).toEqual(['wrong accept', undefined]);
    for (const password of [mover.password, 'canary-new']) {
      for (const kind of ['accepted', 'refused'] as const) expect(at(password, kind, 1050)).toBeUndefined();
    }
    expect([at(mover.password, 'accepted', 1500), at(mover.password, 'accepted', 1601)]).toEqual([undefined, 'wrong accept']);
    expect([at('canary-new', 'refused', 1101), at('canary-new', 'accepted', 1101)]).toEqual(['outage told as a wrong password', undefined]);
    expect(at(mover.password, 'accepted', 900, 1700)).toBeUndefined();
  });

  it('sees a late answer, unless the gateway was away meanwhile', () => {
    const late = { from: 1500, to: 5600 };
    expect(found(modelWith('postgres'), rightAt(carl), 'deferred', late)).toBe('late');
    expect(found(modelWith(), wrongAt(carl), 'refused', late)).toBe('late');
    expect(found(modelWith('gateway'), rightAt(carl), 'deferred', late)).toBeUndefined();
  });

  it('counts who was put off although nothing they need was out', () => {
    expect(judge(modelWith('slapd'), rightAt(anna), 'deferred')).toEqual({});
    expect(judge(modelWith('slapd'), rightAt(carl), 'deferred')).toEqual({ idle: true });
    expect([judge(modelWith('redis'), rightAt(paul), 'deferred'), judge(modelWith('redis'), rightAt(carl), 'deferred')]).toEqual([
      {},
      { idle: true },
    ]);
  });

  it('takes each of the words for what a mail program takes it', () => {
    const words = {
      'a NO [AUTHENTICATIONFAILED] Invalid user name or password': 'refused',
      '[AUTH] Invalid user name or password': 'refused',
      '[UNAVAILABLE] Temporary server problem, please try again later': 'deferred',
      '[SYS/TEMP] Temporary server problem, please try again later': 'deferred',
      '[SYS/TEMP] Too many attempts, please try again later': 'limited',
      '* BAD internal server error': 'error',
      '': 'garbled',
      OK: 'garbled',
    };
    expect(Object.keys(words).map((text) => kindOf(text).kind)).toEqual(Object.values(words));
  });
});
