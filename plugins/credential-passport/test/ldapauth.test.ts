import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeCredentialStore, type StoreUnderTest } from '@postern/testkit';
import { make, open } from './support.js';
import { TinyDirectory } from './tiny-directory.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const ann = { user: 'ann@example.org', password: 'Right-password-of-Ann' };
const many = Array.from({ length: 60 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-${index}-of-many` }));

let directory: TinyDirectory;
let closed: TinyDirectory;

beforeAll(async () => {
  directory = await TinyDirectory.open([ann, ...many]);
  closed = await TinyDirectory.open([ann]);
  await closed.close();
});
afterAll(() => directory.close());
afterEach(() => {
  directory.mode = 'answering';
});

const strategy = 'passport-ldapauth';
const input = (at: TinyDirectory): Readonly<Record<string, unknown>> => ({ strategy, options: at.options });

describeCredentialStore(runner, {
  name: 'passport with passport-ldapauth',
  make: (services) => make(input(directory), services, TinyDirectory.env),
  known: ann,
  unknown: 'nobody@example.org',
  many,
  hanging: (services): StoreUnderTest => {
    directory.mode = 'silent';
    return make(input(directory), services, TinyDirectory.env);
  },
  failingStart: (services) => make({ strategy: './strategies/broken.mjs' }, services),
  outages: {
    'that refuses connections': (services) => make(input(closed), services, TinyDirectory.env),
    'that calls itself unavailable': (services): StoreUnderTest => {
      directory.mode = 'unavailable';
      return make(input(directory), services, TinyDirectory.env);
    },
  },
  skip: { disabled: 'strategies have no word for it', lookup: 'strategies have no word for it' },
});

describe('passport-ldapauth', () => {
  it('gives the entry’s texts as attributes, and no password of it', async () => {
    const { ask } = await open(input(directory), TinyDirectory.env);
    const verdict = await ask(ann);
    expect(verdict).toMatchObject({ kind: 'accepted', account: { user: ann.user, attributes: { mail: ann.user, mailhost: 'mail-a' } } });
    expect(JSON.stringify(verdict)).not.toContain('canary');
  });

  it('escapes what was typed: a filter in a login finds nobody', async () => {
    const { ask } = await open(input(directory), TinyDirectory.env);
    directory.filters.splice(0);
    for (const user of ['*', 'ann*', '*)(mail=*', 'x)(|(mail=ann@example.org)', '\\2a']) {
      expect((await ask({ user, password: ann.password })).kind).toBe('rejected');
    }
    expect(directory.filters).toHaveLength(5);
    for (const filter of directory.filters) expect(filter).toMatch(/^\(mail=[^()*]*\)$/);
  });

  it('itself calls a wrong password of the service account a wrong password: its page says so, and `ldap` does not', async () => {
    const { ask } = await open(input(directory), { READER: 'not the password of the reader' });
    expect((await ask(ann)).kind).toBe('rejected');
  });

  it('recovers by itself when the directory does', async () => {
    const { ask } = await open(input(directory), TinyDirectory.env);
    directory.mode = 'unavailable';
    expect((await ask(ann)).kind).toBe('deferred');
    directory.mode = 'answering';
    expect((await ask(ann)).kind).toBe('accepted');
  });
});
