import { canonicalIp } from '@postern/auth-http';
import { protocols } from '@postern/contract';
import type { BackendTarget, Home } from '@postern/kernel';

/**
 * `now-nowhere`: had a place and has none, or one that is switched off. `newly-placed`: had none. `still-nowhere`: has none in either.
 * `no-login`: neither config can make a user of it.
 */
export type ChangeKind = 'stays' | 'moves' | 'now-nowhere' | 'newly-placed' | 'still-nowhere' | 'unclear' | 'no-login';

/** What becomes of one user. */
export interface Change {
  readonly kind: ChangeKind;
  readonly from: string;
  readonly to: string;
  /** The canonical users; absent where there is none. */
  readonly user?: string;
  readonly userAfter?: string;
  readonly why?: string;
}

export const changeOf = (before: Home, after: Home): Change => {
  const kind = kindOf(before, after);
  const users = { ...userOf('user', before), ...userOf('userAfter', after) };
  const why = whyOf(before, after);
  return { kind, ...placesOf(before, after), ...users, ...(why === undefined ? {} : { why }) };
};

/** One and the same mail server: names in the config do not matter. */
const sameServer = (one: BackendTarget, other: BackendTarget): boolean =>
  hostKey(one.host) === hostKey(other.host) && protocols.every((protocol) => one.ports[protocol] === other.ports[protocol]);

const hostKey = (host: string): string => canonicalIp(host) ?? host.toLowerCase().replace(/\.$/, '');

const kindOf = (before: Home, after: Home): ChangeKind => {
  if (before.kind === 'malformed' && after.kind === 'malformed') return 'no-login';
  if (before.kind === 'unclear' || after.kind === 'unclear') return 'unclear';
  const from = backendOf(before);
  const to = backendOf(after);
  if (to === undefined) return from === undefined ? 'still-nowhere' : 'now-nowhere';
  if (from === undefined) return after.kind === 'at' ? 'newly-placed' : 'still-nowhere';
  if (before.kind === 'at' && after.kind === 'down') return 'now-nowhere';
  if (!sameServer(from, to)) return 'moves';
  return after.kind === 'down' ? 'still-nowhere' : 'stays';
};

const backendOf = (home: Home): BackendTarget | undefined => (home.kind === 'at' || home.kind === 'down' ? home.backend : undefined);

const userOf = <K extends 'user' | 'userAfter'>(key: K, home: Home): Partial<Record<K, string>> =>
  home.kind === 'malformed' ? {} : ({ [key]: home.user } as Record<K, string>);

const whyOf = (before: Home, after: Home): string | undefined => {
  const whys = [before, after].flatMap((home, index) =>
    home.kind === 'unclear' || home.kind === 'malformed'
      ? [{ config: index === 0 ? 'the config in force' : 'the new one', why: home.why }]
      : [],
  );
  const [first, second] = whys;
  if (first === undefined) return undefined;
  return second === undefined || first.why !== second.why ? whys.map(({ config, why }) => `${config}: ${why}`).join('; ') : first.why;
};

/** A name that stands for another server in the new config is shown with what has changed. */
const placesOf = (before: Home, after: Home): Pick<Change, 'from' | 'to'> => {
  const from = backendOf(before);
  const to = backendOf(after);
  const alike = from !== undefined && to !== undefined && from.name === to.name && !sameServer(from, to);
  const detail = !alike ? nameOf : hostKey(from.host) === hostKey(to.host) ? withPorts : withHost;
  return { from: placeText(before, detail), to: placeText(after, detail) };
};

const nameOf = ({ name }: BackendTarget): string => name;
const withHost = ({ name, host }: BackendTarget): string => (name === host ? name : `${name} (${host})`);
const withPorts = ({ name, ports }: BackendTarget): string =>
  `${name} (${protocols.map((protocol) => `${protocol} ${ports[protocol]}`).join(', ')})`;

const placeText = (home: Home, detail: (backend: BackendTarget) => string): string => {
  switch (home.kind) {
    case 'at':
      return detail(home.backend);
    case 'down':
      return `${detail(home.backend)}, down`;
    case 'homeless':
      return 'nowhere';
    case 'malformed':
      return 'no login';
    case 'unclear':
      return 'cannot tell';
  }
};
