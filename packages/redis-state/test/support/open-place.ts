import { setTimeout as pause } from 'node:timers/promises';
import { RedisPlace, type RedisSettings, type Topology } from '@postern/redis-state';
import { LiveClock } from '@postern/testkit';

export interface OpenPlace {
  readonly place: RedisPlace;
  /** What its watcher was told: kinds of reach, and `missed`. */
  readonly told: string[];
  /** What others published: topic and message. */
  readonly heard: string[];
}

export const serverOf = ({ host, port }: { readonly host: string; readonly port: number }): Topology => ({
  kind: 'single',
  server: { host, port },
  database: 0,
});

/** A place of its own, as another process would have it. */
export const openPlace = async (topology: Topology, settings: Partial<RedisSettings> = {}): Promise<OpenPlace> => {
  const place = new RedisPlace({ settings: { topology, prefix: 'postern:', timeoutMs: 300, ...settings }, clock: new LiveClock() });
  const told: string[] = [];
  const heard: string[] = [];
  place.watch({
    changed: ({ kind }) => void told.push(kind),
    heard: (topic, message) => void heard.push(`${topic} ${message}`),
    missed: () => void told.push('missed'),
  });
  await place.open();
  return { place, told, heard };
};

/** Looks again and again; `meanwhile` is done between two looks. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> => {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to that in time');
    await meanwhile();
    await pause(20);
  }
};

export const ignore = (): void => undefined;
