import { apiVersion, type Health, type Lifecycle, type Plugin } from '@postern/contract';
import { faultOf, ModulePlugins, readEntry, type ConfigErrorCode, type EntryReading } from '@postern/kernel';
import type { Composition } from '../../compose.js';
import { bundledPlugins } from '../../plugins.js';
import { conformance } from './conformance.js';
import { instanceServices } from './instance-services.js';
import { CountedClock, Leftovers } from './leftovers.js';
import { askMadeUp, type Instance } from './made-up-question.js';
import type { PluginQuestion } from './question.js';
import type { Step, Tell } from './step.js';
import { broken, ok, skipped, Stepper, type Ending } from './stepper.js';
import { WatchedSource } from './watched-source.js';

export interface ProbeParts {
  readonly question: PluginQuestion;
  readonly composition: Pick<Composition, 'clock' | 'makeServices'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: Tell;
}

interface Loaded {
  readonly plugin: Plugin;
  readonly options: unknown;
}

const conformanceMs = 120_000;
const importMs = 20_000;
const mendIt = 'Mend the plugin: whatever it opens belongs into start, and what fails there may fail.';

const noVersion = 'there is no plugin to ask for its version';
const noVersionHint = 'Mend the shape first.';

/** The step in which a config problem of a plugin's entry shows; any other is one of its options. */
const stepOf: Partial<Record<ConfigErrorCode, Step>> = {
  'plugin-unresolvable': 'resolve',
  'plugin-import-failed': 'import',
  'plugin-api-version': 'apiVersion',
  'plugin-missing': 'shape',
  'plugin-shape': 'shape',
};
const loading: readonly Step[] = ['resolve', 'import', 'apiVersion', 'shape', 'schema'];

/** Takes a plugin through everything that a gateway would do with it, and tells of each step. */
export class PluginProbe {
  readonly #parts: ProbeParts;
  readonly #stepper: Stepper;
  readonly #clock: CountedClock;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
    this.#stepper = new Stepper(parts.tell, parts.question.patienceMs);
    this.#clock = new CountedClock(parts.composition.clock);
  }

  /** Never rejects for what the plugin does. */
  async run(): Promise<void> {
    const loaded = await this.#load();
    if (loaded === undefined) return;
    const leftovers = new Leftovers();
    const instance = await this.#create(loaded);
    if (instance === undefined) return;
    await this.#live(loaded.plugin, instance);
    if (this.#stepper.allOk) {
      const candidate = { ...loaded, question: this.#question(loaded) };
      await this.#stepper.run('conformance', mendIt, () => conformance(candidate), conformanceMs);
    }
    this.#lookAround(leftovers);
  }

  /** An exception that nobody caught; the process ends after it. */
  stray(cause: unknown): void {
    this.#stepper.stray(cause);
  }

  async #load(): Promise<Loaded | undefined> {
    const { question, env } = this.#parts;
    this.#stepper.begin('import', importMs);
    const source = new WatchedSource(new ModulePlugins(bundledPlugins), () => this.#stepper.begin('schema'));
    const reading = await readEntry({ use: question.use, with: question.with }, source, { directory: question.directory, env });
    this.#stepper.scrub = reading.scrub;
    return this.#judgeLoading(reading);
  }

  #judgeLoading({ plugin, parsed, problems }: EntryReading): Loaded | undefined {
    const errors = problems.filter(({ severity }) => severity === 'error');
    const [first] = errors;
    const brokenAt = first === undefined ? undefined : (stepOf[first.code] ?? 'schema');
    for (const step of loading) {
      if (step === brokenAt) {
        const hints = [...new Set(errors.map(({ hint }) => hint).filter((hint) => hint !== ''))];
        this.#stepper.end(step, broken(errors.map(inOptions).join('\n'), hints.join(' ')));
        return undefined;
      }
      const unseen = step === 'apiVersion' && first?.code === 'plugin-missing';
      this.#stepper.end(step, unseen ? skipped(noVersion, noVersionHint) : ok(loadedDetail(step, plugin)));
    }
    return plugin === undefined || parsed === undefined ? undefined : { plugin, options: parsed.options };
  }

  async #create({ plugin, options }: Loaded): Promise<Instance | undefined> {
    const { composition, question } = this.#parts;
    let made: unknown;
    const good = await this.#stepper.run('create', 'Mend the options or the plugin: create only puts things together.', () => {
      made = plugin.create(options, instanceServices(composition, plugin, question.backends, this.#clock));
      const fault = faultOf(plugin.role, made);
      return fault === undefined ? ok(`it is a ${plugin.role}`) : broken(`what it made is no ${plugin.role}: ${fault}`, mendIt);
    });
    return good ? (made as Instance) : undefined;
  }

  /** From `start` to `stop`; what did not start is stopped, too. */
  async #live({ role }: Plugin, instance: Instance): Promise<void> {
    const stepper = this.#stepper;
    const hint = 'At a gateway the instance would be down and tried again. Is what it connects to running?';
    const started = await stepper.run('start', hint, async (signal) => {
      await instance.start?.(signal);
      return ok(instance.start === undefined ? 'it has none' : 'started');
    });
    if (started) {
      await stepper.run('health', 'health answers, whatever is wrong: it does not throw.', (signal) => healthOf(instance, signal));
      await stepper.run('ask', 'What it throws is deferred: a login that it cannot judge.', (signal) => askMadeUp(role, instance, signal));
    }
    await stepper.run('stop', 'stop works after a failed start, and when it is called again.', async (signal) => {
      await instance.stop?.(signal);
      await instance.stop?.(signal);
      return ok(instance.stop === undefined ? 'it has none' : 'stopped, and once more');
    });
  }

  #question({ plugin, options }: Loaded): PluginQuestion {
    const { question } = this.#parts;
    const named = plugin.inspect?.(options).backends?.map(({ name }) => name) ?? [];
    return { ...question, backends: [...new Set([...question.backends, ...named])] };
  }

  #lookAround(leftovers: Leftovers): void {
    this.#stepper.begin('quiet');
    const left = leftovers.since(this.#clock);
    if (left.length === 0) return;
    this.#stepper.end('quiet', broken(`after stop there is still: ${left.join(', ')}`, 'stop gives back everything that start took.'));
  }
}

const inOptions = ({ message, path }: EntryReading['problems'][number]): string => {
  const option = path.slice(3).join('.');
  return path[2] === 'with' && option !== '' ? `with.${option}: ${message}` : message;
};

const loadedDetail = (step: Step, plugin: Plugin | undefined): string => {
  switch (step) {
    case 'shape':
      return plugin === undefined ? 'found' : `a ${plugin.role} called ${plugin.use}`;
    case 'import':
      return 'imported';
    case 'apiVersion':
      return `version ${plugin?.apiVersion ?? apiVersion}`;
    case 'schema':
      return 'its options are good';
    default:
      return 'found';
  }
};

const healthOf = async (instance: Lifecycle, signal: AbortSignal): Promise<Ending> => {
  if (instance.health === undefined) return ok('it has none, and counts as up');
  const health = (await instance.health(signal)) as Partial<Health> | null | undefined;
  const note = typeof health?.note === 'string' ? `: ${health.note}` : '';
  switch (health?.status) {
    case 'up':
    case 'degraded':
      return ok(`${health.status}${note}`);
    case 'down':
      return broken(`it says that it is down${note}`, 'Is what it asks running, and are its options right?');
    default:
      return broken('its answer is no health of the contract', "Answer { status: 'up' | 'degraded' | 'down', note? }.");
  }
};
