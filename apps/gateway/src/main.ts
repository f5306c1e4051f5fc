// tsyringe refuses to load without it, so it comes before everything else.
import 'reflect-metadata';
import { processIo } from './cli/io.js';
import { runCli } from './cli/run-cli.js';

// `postern schema | head` closes the pipe early: no reason for a stack trace, and none to stop serving.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), processIo());
