// tsyringe refuses to load without it, so it comes before everything else.
import 'reflect-metadata';
import { processIo } from './cli/io.js';
import { runCli } from './cli/run-cli.js';

/** Taken before any plugin is loaded: while one is, `process.exit` is kept from it. */
const exit: (code: number) => never = process.exit.bind(process);

const outputs = [process.stdout, process.stderr];

const lost: Error[] = [];
for (const stream of outputs) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `postern schema | head` closes the pipe early: no reason for a stack trace, and none to stop serving.
    if (error.code === 'EPIPE' || lost.push(error) > 1) return;
    process.stderr.write(`postern: what this command says could not be written: ${error.message}\n`);
  });
}

const said = await runCli(process.argv.slice(2), processIo());
await Promise.all(outputs.map((stream) => new Promise((written) => stream.write('', written))));
// `postern hash > FILE` on a full disk has left no hash.
const code = said === 0 && lost.length > 0 ? 1 : said;
// Not left to Node: a timer or a connection that a plugin forgot would keep alive what is done, and a service manager waits for it.
exit(code);
