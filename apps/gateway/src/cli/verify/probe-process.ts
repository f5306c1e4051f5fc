import type { Told } from './step.js';
import type { PluginQuestion } from './question.js';

/** What the process of its own gets before it ends itself, once everything else is done. */
const quietMs = 1500;

/** Taken before any plugin is loaded: while one is, `process.exit` is kept from it, and an import that hangs never ends. */
const exit: (code?: number) => never = process.exit.bind(process);

/**
 * The other end of `ProbeWatch`: a process that holds one plugin and nothing else, so that one that hangs, exits or keeps the process
 * busy harms nobody. Gets its question as the one message of its parent.
 */
export const probeProcess = async (env: Readonly<Record<string, string | undefined>>): Promise<void> => {
  const tell = (told: Told): void => void process.send?.(told);
  const question = await new Promise<PluginQuestion>((resolve) => process.once('message', (message) => resolve(message as PluginQuestion)));
  const [{ compose }, { PluginProbe }] = await Promise.all([import('../../compose.js'), import('./plugin-probe.js')]);
  const logStream = { write: (line: string) => void process.stderr.write(line) };
  const probe = new PluginProbe({ question, composition: compose({ logStream, logLevel: 'warn' }), env, tell });
  process.on('uncaughtException', (cause) => {
    probe.stray(cause);
    process.disconnect();
    exit(1);
  });
  await probe.run();
  // Nothing of ours holds the process: if it is still here by then, something of the plugin's does.
  setTimeout(() => {
    const held = [...new Set(process.getActiveResourcesInfo())].filter((name) => name !== 'PipeWrap');
    const detail = `after stop the process is still busy: ${held.join(', ') || 'with something of its own'}`;
    const hint = 'stop closes connections and clears timers; a timer that may outlive it needs .unref().';
    process.send?.({ kind: 'done', result: { step: 'quiet', outcome: 'broken', detail, hint } } satisfies Told, () => exit());
  }, quietMs).unref();
  await new Promise((nothingLeft) => process.once('beforeExit', nothingLeft));
};
