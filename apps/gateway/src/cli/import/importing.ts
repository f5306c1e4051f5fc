import type { HashScheme } from '@postern/passwords';
import type { Shell } from '../shell.js';
import { Enrolling, type Written } from './enrolling.js';
import type { Home } from './entry.js';
import { readerOf, type Format, type FormatOptions } from './formats.js';
import { ProgressLine } from './progress-line.js';
import type { ImportReport } from './report.js';
import type { SourceFile } from './source-file.js';
import { Survey, type Candidate, type Canonical, type Findings } from './survey.js';
import { TableFile } from './table-file.js';
import type { WithTarget } from './target-store.js';

/** One import, with everything it was told to do. */
export interface ImportPlan extends FormatOptions {
  readonly file: string;
  readonly format: Format;
  readonly canonical: Canonical;
  readonly defaultScheme: string;
  /** Hashes for passwords that stand in clear text. */
  readonly scheme: HashScheme;
  readonly skipBroken: boolean;
  readonly dryRun: boolean;
  readonly into?: { readonly store: string; readonly target: WithTarget };
  /** Absolute. */
  readonly table?: string;
}

/** As many as a usual pool of a database has connections. */
const atOnce = 8;

/**
 * Reads the file once to see what is in it, and a second time to write: what is found broken at the end must keep the beginning from
 * being written. Undefined: it was told why there is no store.
 */
export const runImport = async (source: SourceFile, plan: ImportPlan, shell: Shell): Promise<ImportReport | undefined> => {
  const line = new ProgressLine(shell.io.stderr, () => performance.now());
  try {
    const findings = await survey(source, plan, line);
    const { file, format, scheme, dryRun } = plan;
    const report = { file, format, scheme, dryRun, findings, refused: refuses(findings, plan) };
    if (report.refused || findings.users + findings.homes === 0) return report;
    if (plan.table !== undefined && !dryRun)
      return { ...report, table: { file: plan.table, rows: await writeTable(source, plan, plan.table, line) } };
    if (plan.into === undefined) return report;
    const { store } = plan.into;
    const written = await writeUsers(source, plan, plan.into.target, { line, shell });
    return written === undefined ? undefined : { ...report, into: { store, written } };
  } finally {
    line.clear();
  }
};

const refuses = ({ broken }: Findings, { skipBroken }: ImportPlan): boolean =>
  skipBroken ? broken.some(({ whole }) => whole === true) : broken.length > 0;

const survey = async (source: SourceFile, plan: ImportPlan, line: ProgressLine): Promise<Findings> => {
  const { canonical, defaultScheme } = plan;
  const seen = new Survey(canonical, defaultScheme);
  for await (const entries of source.entries(readerOf(plan.format, plan), line.of('reading')))
    for (const entry of entries) seen.note(entry);
  return seen.findings;
};

async function* batches(source: SourceFile, plan: ImportPlan, line: ProgressLine): AsyncGenerator<readonly (Candidate | Home)[]> {
  const seen = new Survey(plan.canonical, plan.defaultScheme);
  for await (const entries of source.entries(readerOf(plan.format, plan), line.of(plan.dryRun ? 'asking' : 'writing')))
    yield entries.flatMap((entry) => seen.note(entry) ?? []);
}

const writeTable = async (source: SourceFile, plan: ImportPlan, path: string, line: ProgressLine): Promise<number> => {
  const table = await TableFile.create(path);
  try {
    for await (const batch of batches(source, plan, line)) await table.write(batch.filter((each) => each.kind === 'home'));
  } catch (error) {
    await table.giveUp();
    throw error;
  }
  await table.close();
  return table.rows;
};

interface Surroundings {
  readonly line: ProgressLine;
  readonly shell: Shell;
}

const writeUsers = (
  source: SourceFile,
  plan: ImportPlan,
  target: WithTarget,
  { line, shell }: Surroundings,
): Promise<Written | undefined> =>
  target(async (store) => {
    const stop = new AbortController();
    const interrupted = (): void => stop.abort();
    shell.io.signals.on('SIGINT', interrupted);
    try {
      const enrolling = new Enrolling(store, { scheme: plan.scheme, atOnce, dry: plan.dryRun, signal: stop.signal });
      for await (const batch of batches(source, plan, line)) {
        if (enrolling.over) break;
        await enrolling.write(batch.filter((each) => each.kind === 'candidate'));
      }
      return enrolling.written;
    } finally {
      shell.io.signals.off('SIGINT', interrupted);
    }
  });
