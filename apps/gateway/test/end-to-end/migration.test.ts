import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Crowd } from './migration/crowd.js';
import { customers, Site, staff } from './migration/site.js';
import { residents, type Resident } from './migration/town.js';

const town = residents(500);
/** What counts by days sees a migration of minutes as one in which the old store still answers. */
const forced = ['--force', '--reason', 'all of it happens on one day'];
const at = (domain: string): readonly Resident[] => town.filter(({ user }) => user.endsWith(domain));
const resident = (index: number): Resident => town[index] as Resident;

/** Waits for what somebody else brings about, and says what it waited for. */
const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await pause(100);
  }
};

describeWithServers({ describe, it }, 'five hundred people move from a directory to a database while they log in', () => {
  let site: Site;
  let crowd: Crowd;
  let nginx: { readonly pid: number; readonly config: string };

  const phase = async (): Promise<number> => {
    const { out, err, code } = await site.command('migrate', 'status', '--json');
    if (code !== 0) throw new Error(`status ended with ${code}: ${err}`);
    return (JSON.parse(out) as { readonly phase: { readonly number: number } }).phase.number;
  };
  const next = async (...words: readonly string[]): Promise<void> => {
    let said = await site.command('migrate', 'next', '--write', ...words);
    // The ledger is written about once a second.
    for (let tries = 0; said.code === 1 && tries < 30; tries++) {
      await pause(500);
      said = await site.command('migrate', 'next', '--write', ...words);
    }
    if (said.code !== 0) throw new Error(`the next phase was refused: ${said.out}${said.err}`);
    await site.edit((list) => list.replace(/("?)scheme\1: ("?)argon2id\2/u, '$1scheme$1: $2ssha512$2, $1perSecond$1: 200'));
    await site.reload();
  };

  beforeAll(async () => {
    site = await Site.open(town, (stores) => [staff(stores), { use: 'table', with: { attribute: 'host' } }]);
    nginx = { pid: site.nginx.process.pid, config: await readFile(site.nginx.configPath, 'utf8') };
    crowd = new Crowd(town, site.logIn, 4);
    crowd.start();
  }, 120_000);

  afterAll(async () => {
    await crowd.stop();
    await site.room.close();
  }, 120_000);

  it('phase 0: the directory answers', async () => {
    await crowd.visit(town);
    expect(crowd.violations).toEqual([]);
  }, 120_000);

  it('phase 1: the database is compared in the shadow', async () => {
    const config = JSON.parse(await readFile(site.gateway.configPath, 'utf8')) as { readonly plugins: readonly object[] };
    const plugins = [...config.plugins, { ...customers(site), mode: 'shadow' }];
    await site.gateway.reload({ ...config, plugins } as never, /"msg":"reloaded"/u);
    expect(await phase()).toBe(1);
    await crowd.visit(town);
    expect(crowd.violations).toEqual([]);
  }, 120_000);

  it('phase 2: passwords are captured as they are typed; one is changed and one account disabled on the way', async () => {
    await next();
    expect(await phase()).toBe(2);
    await crowd.visit(town.slice(0, 250));
    await site.changePassword(resident(0), 'canary-changed-while-capturing');
    await site.disable(resident(2));
    await crowd.visit(town.filter((person) => !person.disabled));
    await until('all have a password in the database', async () => (await site.captured()) >= 499);
    expect(crowd.violations).toEqual([]);
  }, 180_000);

  it('phase 3: one domain asks the database first; what changes in the directory still counts', async () => {
    await next('--domain', 'a.example.org');
    expect(await phase()).toBe(3);
    await crowd.visit(at('a.example.org').filter((person) => !person.disabled));
    await site.changePassword(resident(4), 'canary-changed-after-the-swap');
    await crowd.visit([resident(0), resident(4)]);
    await site.disable(resident(6));
    expect((await crowd.try(resident(6), resident(6).password)).heard).toBe('denied');
    expect(crowd.violations).toEqual([]);
  }, 180_000);

  it('phase 3: while the database is down its people hear of it in temporary words, and the others of nothing', async () => {
    await crowd.duringOutage(async () => {
      await site.postgres.stop();
      for (const person of at('a.example.org').slice(10, 20)) expect((await crowd.try(person, person.password)).heard).toBe('temporary');
      for (const person of at('b.example.org').slice(0, 10)) expect((await crowd.try(person, person.password)).heard).toBe('in');
      await site.postgres.start();
      await until('the database is asked again', async () => (await crowd.try(resident(8), resident(8).password)).heard === 'in');
    });
    await crowd.visit(at('a.example.org').filter((person) => !person.disabled));
    expect(crowd.violations).toEqual([]);
  }, 180_000);

  it('goes back to phase 2 and on again, and nobody notices', async () => {
    const back = await site.command('migrate', 'back', '--write');
    expect([back.code, back.err]).toEqual([0, '']);
    await site.reload();
    expect(await phase()).toBe(2);
    await crowd.visit(at('a.example.org').filter((person) => !person.disabled));
    await next('--domain', 'a.example.org');
    expect(await phase()).toBe(3);
    expect(crowd.violations).toEqual([]);
  }, 180_000);

  it('phases 4 and 6: the database first for everybody, then alone', async () => {
    // The other domain first, which is still phase 3. Nobody is dormant, so there is no tail.
    const steps: readonly (readonly [phase: number, ...words: string[]])[] = [[3], [4], [6, ...forced]];
    for (const [wanted, ...words] of steps) {
      // Whom only the directory has disabled would be let in when it is gone.
      if (wanted === 6) await site.disableInTable(town.filter((person) => person.disabled));
      await next(...words);
      await crowd.visit(town.filter((person) => !person.disabled));
      expect(await phase()).toBe(wanted);
    }
    expect(await readFile(site.gateway.configPath, 'utf8')).toMatch(/"as": "staff"[^]*mode: off/u);
    expect(crowd.violations).toEqual([]);
  }, 180_000);

  it('needs the directory no more, and nginx is as it was', async () => {
    await site.slapd.stop();
    await crowd.visit(town.filter((person) => !person.disabled));
    await crowd.stop();
    expect(crowd.violations).toEqual([]);
    expect(site.nginx.process.pid).toBe(nginx.pid);
    expect(await readFile(site.nginx.configPath, 'utf8')).toBe(nginx.config);
    expect(crowd.tally.right).toBeGreaterThan(2000);
    expect(crowd.tally.wrong).toBeGreaterThan(200);
  }, 120_000);
});
