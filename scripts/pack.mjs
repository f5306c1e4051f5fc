// `npm run pack`: packs what a plugin outside this repository is written against into .postern/packed, as the registry would get it.
// pnpm puts real versions where package.json says workspace: or catalog:. `postern new … --from .postern/packed` names these files.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bringPnpm, root, run, say, setUp } from './lib/setup.mjs';

const packages = ['contract', 'testkit'];
const target = process.argv[2] ?? join(root, '.postern', 'packed');

setUp();
const pnpm = bringPnpm();
// Packed beside the target and moved there: whoever reads the folder meanwhile finds whole files.
const beside = `${target}.${process.pid}`;
rmSync(beside, { recursive: true, force: true });
mkdirSync(beside, { recursive: true });
mkdirSync(target, { recursive: true });
for (const name of packages) {
  run(process.execPath, [pnpm, 'pack', '--pack-destination', beside], { quiet: true, cwd: join(root, 'packages', name) });
}
const packed = readdirSync(beside);
for (const old of readdirSync(target)) if (old.endsWith('.tgz') && !packed.includes(old)) rmSync(join(target, old));
for (const file of packed) renameSync(join(beside, file), join(target, file));
rmSync(beside, { recursive: true });
say(`packed ${packed.join(', ')} into ${target}`);
