// tsyringe refuses to load without it, so it comes before everything else.
import 'reflect-metadata';
import { processIo } from './cli/io.js';
import { runCli } from './cli/run-cli.js';

/** Taken before any plugin is loaded: while one is, `process.exit` is kept from it. */
const exit: (code: number) => never = process.exit.bind(process);

const outputs = [process.stdout, process.stderr];

// `postern schema | head` closes the pipe early: no reason for a stack trace, and none to stop serving.
for (const stream of outputs) stream.on('error', () => undefined);

const code = await runCli(process.argv.slice(2), processIo());
await Promise.all(outputs.map((stream) => new Promise((written) => stream.write('', written))));
// Not left to Node: a timer or a connection that a plugin forgot would keep alive what is done, and a service manager waits for it.
exit(code);
