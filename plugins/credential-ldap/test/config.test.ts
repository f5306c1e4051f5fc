import { describe, expect, it } from '@jest/globals';
import { bindConfig } from '@postern/contract';
import { parseConfig } from '@postern/testkit';
import { ldapPlugin } from '../src/index.js';

const good = { url: 'ldaps://dc1.example.org', base: 'dc=example,dc=org' };

const problem = (input: object): string => {
  try {
    parseConfig(ldapPlugin, input);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
};

const adviceOn = (input: object): readonly unknown[] => ldapPlugin.inspect?.(parseConfig(ldapPlugin, input)).advice ?? [];

describe('the options of ldap', () => {
  it('need no more than where to ask and where to search', () => {
    expect(JSON.parse(JSON.stringify(parseConfig(ldapPlugin, good)))).toMatchObject({
      url: ['ldaps://dc1.example.org'],
      check: 'search-bind',
      scope: 'sub',
      filter: '(mail={user})',
      pool: { search: 4, bind: 4, idle: 60_000 },
      timeout: 2000,
      connectTimeout: 1000,
    });
    expect(adviceOn(good)).toEqual([]);
  });

  it('may search everywhere, as the global catalog of a forest can, when they say so', () => {
    expect(parseConfig(ldapPlugin, { ...good, base: '' }).base).toBe('');
    expect(problem({ ...good, base: 'everywhere' })).toContain('expected a DN');
    expect(problem({ url: good.url })).toContain('is needed to search');
  });

  it.each([
    ['ldap://h', 'h', 389, false],
    ['LDAPS://h/', 'h', 636, true],
    ['ldap://127.0.0.1:3389', '127.0.0.1', 3389, false],
    ['ldaps://[::1]:1636', '::1', 1636, true],
  ])('take the URL %s', (url, host, port, secure) => {
    expect(parseConfig(ldapPlugin, { ...good, url }).url).toEqual([expect.objectContaining({ host, port, secure })]);
  });

  it.each([
    'http://h',
    'ldap://',
    'ldap://h:0',
    'ldap://h:70000',
    'ldap://h/dc=x',
    'ldap://u:p@h',
    'ldap://h?x',
    'ldapi://%2f',
    'h',
    'ldap://1.2.3',
    'ldap://[1]',
  ])('refuse the URL %s', (url) => {
    expect(problem({ ...good, url })).toMatch(/^url/);
  });

  it.each<[string, object]>([
    ['url', { base: 'dc=x' }],
    ['url', { ...good, url: [] }],
    ['base', { url: good.url }],
    ['base', { ...good, base: 'people' }],
    ['filter', { ...good, filter: '(mail={user}' }],
    ['filter', { ...good, filter: '(mail=ann@example.org)' }],
    ['filter', { ...good, filter: '(mail={attributes.mail})' }],
    ['filter', { ...good, filter: '(mail={domain})' }],
    ['require', { ...good, require: 'memberOf' }],
    ['disabled', { ...good, disabled: '(a=b' }],
    ['dn', { ...good, dn: 'uid={user},dc=x' }],
    ['dn', { url: good.url, check: 'template' }],
    ['dn', { url: good.url, check: 'template', dn: 'uid=ann,dc=x' }],
    ['dn', { url: good.url, check: 'template', dn: 'uid={user},people' }],
    ['dn', { url: good.url, check: 'template', dn: 'uid={attributes.uid},dc=x' }],
    ['dn', { url: good.url, check: 'template', dn: 'uid={user' }],
    ['startTls', { ...good, startTls: true }],
    ['attributes.host', { ...good, attributes: { host: 'mail host' } }],
    ['tls', { ...good, tls: { cert: 'package.json' } }],
    ['tls.ca', { ...good, tls: { ca: 'no-such-file.pem' } }],
    ['tls.minVersion', { ...good, tls: { minVersion: 'TLSv1' } }],
    ['pool.search', { ...good, pool: { search: 0 } }],
    ['timeout', { ...good, timeout: '5' }],
    ['allowWeak.0', { ...good, allowWeak: ['ROT13'] }],
    ['passwordAttribute', { ...good, passwordAttribute: 'user password' }],
    ['decoy', { ...good, decoy: 'nobody' }],
    ['bind.password', { ...good, bind: { dn: 'cn=x' } }],
    ['', { ...good, tsl: {} }],
  ])('say what is wrong with %s', (path, input) => {
    expect(
      problem(input)
        .split('\n')
        .map((each) => each.split(':')[0]),
    ).toContain(path);
  });

  it('warn where passwords would go in clear text, and nowhere else', () => {
    const clear = { severity: 'warning', path: ['url', 1] };
    expect(adviceOn({ ...good, url: ['ldaps://a', 'ldap://b'] })).toMatchObject([clear]);
    expect(adviceOn({ ...good, url: 'ldap://b', startTls: true })).toEqual([]);
    expect(adviceOn({ ...good, url: ['ldap://127.0.0.1', 'ldap://localhost', 'ldap://[::1]'] })).toEqual([]);
  });

  it('warn of a name that leaves the domain open', () => {
    const open = [{ severity: 'warning', path: ['filter'] }];
    expect(adviceOn({ ...good, filter: '(uid={local})' })).toMatchObject(open);
    expect(adviceOn({ ...good, filter: '(&(uid={local})(o={domain}))' })).toEqual([]);
    expect(adviceOn({ ...good, filter: '(uid={local})', attributes: { user: 'mail' } })).toEqual([]);
    expect(adviceOn({ url: good.url, check: 'template', dn: 'uid={local},dc=x' })).toMatchObject([{ path: ['dn'] }]);
  });

  it('warn of options that do nothing', () => {
    expect(adviceOn({ ...good, allowWeak: ['SSHA'] })).toMatchObject([{ path: ['allowWeak'] }]);
    expect(adviceOn({ ...good, check: 'verify-here', decoy: 'cn=x' })).toMatchObject([{ path: ['decoy'] }]);
  });

  it('show no secret when they are printed', () => {
    const config = parseConfig(ldapPlugin, { ...good, bind: { dn: 'cn=x', password: 'Service-Secret' } });
    expect(JSON.stringify(config)).not.toContain('Service-Secret');
    expect(bindConfig(config, { directory: '/', env: {} })).toEqual([]);
  });
});
