import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { bind, BindingError, SecretUrl, secretUrl, type SecretSource } from '@postern/contract';

const place = { directory: '/', env: { URL: 'user:hidden@host' } };

/** `USER:PASSWORD@HOST`. */
const urlOf = (source: SecretSource): SecretUrl<readonly string[]> =>
  new SecretUrl(source, {
    parse: (text) => {
      const parts = text.split(/[:@]/);
      if (parts.length !== 3) throw new BindingError('the URL cannot be understood', 'Write USER:PASSWORD@HOST.');
      return parts;
    },
    password: ([, password = '']) => password,
    told: ([user, , host]) => `${user}@${host}`,
    unread: '[url]',
  });

const bound = (source: SecretSource): SecretUrl<readonly string[]> => {
  const url = urlOf(source);
  url[bind](place);
  return url;
};

describe('a secret URL', () => {
  it('tells everything but its password, wherever it comes from', () => {
    for (const source of ['user:hidden@host', { env: 'URL' }]) {
      const url = bound(source);
      expect([String(url), inspect(url, { showHidden: true, depth: 9 })]).toEqual(['user@host', 'user@host']);
      expect(JSON.stringify(url)).not.toContain('hidden');
      expect([url.reveal(), url.address]).toEqual(['hidden', ['user', 'hidden', 'host']]);
    }
  });

  it('is literal when a password stands in the config itself', () => {
    expect([bound('user:hidden@host').literal, bound('user:@host').literal, bound({ env: 'URL' }).literal]).toEqual([true, false, false]);
  });

  it('that could not be read can still be looked at: the check of the whole config goes on', () => {
    const url = urlOf('hidden');
    expect(() => url[bind](place)).toThrow(BindingError);
    expect([url.literal, url.known, String(url), JSON.stringify(url)]).toEqual([false, undefined, '[url]', '"[url]"']);
    expect(() => url.reveal()).toThrow('not bound');
  });

  it('is a config field of three forms', () => {
    const field = secretUrl(urlOf);
    for (const source of ['user:hidden@host', { env: 'URL' }, { file: 'url.txt' }]) expect(field.safeParse(source).success).toBe(true);
    for (const wrong of ['', 5, { env: '' }, { env: 'URL', file: 'x' }]) expect(field.safeParse(wrong).success).toBe(false);
  });
});
