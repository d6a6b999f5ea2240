import { checkOptions, type Job, JobqError, type Unit, type UnitOutcome } from "@jobq/core";
import { type ExportLine, parseLine } from "./export-line.ts";
import type { TransferProgress } from "./transfer-progress.ts";
import { type TransferStore, type TransferTarget, transferStore } from "./transfer-store.ts";

/** How to import. */
export interface ImportOptions {
  /** Told after every batch. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What an import did. */
export interface ImportReport {
  readonly imported: number;
  /** Jobs that were there already, and stayed as they were. */
  readonly present: number;
}

const IMPORT_OPTIONS = { onProgress: true } as const;

/** Jobs that are stored at once. */
const PAGE = 500;

/**
 * Stores exported jobs with their ids, states and notes. A job that is there already is left alone, so an import that
 * was cut off is simply run again. Into a bare repository, entries follow when a service with it starts; give the
 * store that `compose` makes when the topics are durable too.
 * @throws {JobqError} PAYLOAD_INVALID a line is not of an export; DUPLICATE_JOB another job holds a unique key
 */
export async function importJobs(
  target: TransferTarget,
  lines: AsyncIterable<string> | Iterable<string>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  checkOptions(options, IMPORT_OPTIONS);
  const into = transferStore(target);
  let report: ImportReport = { imported: 0, present: 0 };
  let batch: ExportLine[] = [];
  const store = async (): Promise<void> => {
    report = await importBatch(into, batch, report);
    const last = batch.at(-1)?.job.id;
    if (last !== undefined) options.onProgress?.({ jobs: report.imported + report.present, last });
    batch = [];
  };
  for await (const line of lines) {
    if (line.trim() === "") continue;
    batch.push(parseLine(line));
    if (batch.length === PAGE) await store();
  }
  await store();
  return report;
}

async function importBatch(
  target: TransferStore,
  batch: readonly ExportLine[],
  so: ImportReport,
): Promise<ImportReport> {
  if (batch.length === 0) return so;
  const there = await target.jobs.get(batch.map(({ job }) => job.id));
  const absent = batch.filter((_, index) => there[index] === undefined);
  const now = await target.now();
  const outcomes = await target.commit(
    absent.map(({ job, notes = [] }): Unit => ({ now, insert: [job], note: notes })),
  );
  for (const [index, outcome] of outcomes.entries()) assertStored((absent[index] as ExportLine).job, outcome);
  return { imported: so.imported + absent.length, present: so.present + batch.length - absent.length };
}

/** A unit whose job was left out for its unique key has its notes refused, or, without notes, says so. */
function assertStored(job: Job, outcome: UnitOutcome): void {
  if (outcome.ok && outcome.leftOut.length === 0) return;
  const details = { id: job.id, unique: job.unique };
  throw new JobqError("DUPLICATE_JOB", `job ${job.id} was not imported: another job holds its unique key`, { details });
}
