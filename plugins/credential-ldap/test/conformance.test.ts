import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import {
  describeCredentialStore,
  describeStoreOutages,
  describeWithServers,
  ServerRoom,
  slapdSuffix,
  startSlapd,
  type CredentialStoreSetup,
  type Slapd,
  type StoreOutagesSetup,
} from '@postern/testkit';
import { byTemplate, liveServices, makeStore, usual } from './make-store.js';
import { bound, done, ScriptedDirectory } from './scripted-directory.js';
import { everybody, frame, many, people } from './people.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

describeWithServers({ describe, it }, 'the LDAP store at a real slapd', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  let silent: ScriptedDirectory;
  const url = (): string => `ldap://127.0.0.1:${slapd.port}`;
  const silentUrl = (): string => silent.url;

  beforeAll(async () => {
    room = await ServerRoom.open();
    slapd = await startSlapd(room, { name: 'people', ldif: frame + everybody });
    // It takes the service account, shows its root and says at the start that nobody is not there, and says nothing about anybody else.
    silent = await ScriptedDirectory.start((request, { write }) => {
      if (request.kind === 'bind' && !request.name.startsWith('mail=')) write(bound(request.id));
      if (
        request.kind === 'search' &&
        (request.base === '' || request.filter.tag === 0x87 || request.filter.value.includes('nobody@postern.invalid'))
      )
        write(done(request.id));
    });
    room.onClose(() => silent.stop());
  });
  afterAll(() => room.close());

  /** Every operation is logged by slapd with its filter or DN. */
  const asked = (): number => slapd.output().match(/ (?:SRCH base|BIND dn=".+" method)/g)?.length ?? 0;

  const store =
    (input: (url: string) => unknown, at: () => string = url): CredentialStoreSetup['make'] =>
    (services) =>
      makeStore(input(at()), services);

  const closed = 'ldap://127.0.0.1:1';
  const setup = (name: string, input: (url: string) => Record<string, unknown>): CredentialStoreSetup => ({
    name,
    services: liveServices,
    make: store(input),
    known: { user: 'ann@example.org', password: 'Hash-of-Ann' },
    unknown: 'nobody@example.org',
    disabled: { user: 'off@example.org', password: 'Right-but-off' },
    many,
    asked,
    hanging: store(input, silentUrl),
    outages: {
      refused: store(input, () => closed),
      'without the service account': store((at) => ({ ...input(at), bind: { dn: `cn=other,${slapdSuffix}`, password: 'x' } })),
    },
    failingStart: store(input, () => closed),
  });

  const disabled = '(employeeType=disabled)';
  describeCredentialStore(
    runner,
    setup('ldap with search and bind', (at) => usual(at, { disabled })),
  );
  describeCredentialStore(
    runner,
    setup('ldap that verifies here', (at) => usual(at, { disabled, check: 'verify-here', allowWeak: ['SSHA'], bind: manager })),
  );
  const template = setup('ldap with a template', (at) => byTemplate(at, { disabled }));
  describeCredentialStore(runner, {
    ...template,
    outages: { refused: store(byTemplate, () => closed) },
    skip: { lookup: 'nobody may look without a service account' },
  });
  describeCredentialStore(runner, {
    ...template,
    name: 'ldap with a template and a service account',
    make: store((at) => byTemplate(at, { disabled, bind: manager })),
    outages: { refused: store(byTemplate, () => closed) },
  });

  const outages = (name: string, input: (url: string) => Record<string, unknown>): StoreOutagesSetup => ({
    name,
    upstream: () => ({ host: slapd.host, port: slapd.port }),
    make: ({ host, port }, services) =>
      makeStore({ ...input(`ldap://${host}:${port}`), timeout: '250ms', connectTimeout: '250ms' }, services),
    good: { user: 'ann@example.org', password: 'Hash-of-Ann' },
    timeoutMs: 600,
    skip: { untrusted: 'TLS has a suite of its own' },
  });
  describeStoreOutages(
    runner,
    outages('ldap with search and bind', (at) => usual(at, { disabled })),
  );
  describeStoreOutages(
    runner,
    outages('ldap that verifies here', (at) => usual(at, { check: 'verify-here', allowWeak: ['SSHA'], bind: manager })),
  );
  describeStoreOutages(
    runner,
    outages('ldap with a template', (at) => byTemplate(at, { base: people, disabled })),
  );
});

const manager = { dn: `cn=manager,${slapdSuffix}`, password: 'manager-of-all' };
