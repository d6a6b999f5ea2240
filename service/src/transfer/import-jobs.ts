import { checkOptions, type Job, JobqError, type Unit, type UnitOutcome, wrongType } from "@jobq/core";
import { type JobLine, parseLine } from "./export-line.ts";
import type { TransferProgress } from "./transfer-progress.ts";
import { type TransferStore, type TransferTarget, transferStore } from "./transfer-store.ts";

/** The options of `importJobs`. */
export interface ImportOptions {
  /** Called after every batch. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** The result of an import. */
export interface ImportReport {
  readonly imported: number;
  /** The number of jobs that already existed and were left alone. */
  readonly present: number;
  /** The number of topics that were paused. */
  readonly paused: number;
}

const IMPORT_OPTIONS = { onProgress: true } as const;

/** Jobs that are stored at once. */
const PAGE = 500;

/**
 * Stores exported jobs with their ids, states and notes, and pauses the topics that were paused. Each line is checked
 * before any of it is stored. A job that already exists is left alone, so an interrupted import can be repeated. Into a
 * job repository alone, the entries follow when a service starts; if the topics are durable too, pass a store made by
 * `compose`.
 * @throws {JobqError} PAYLOAD_INVALID if a line is invalid, with its number and field; DUPLICATE_JOB if another job
 * holds a unique key
 */
export async function importJobs(
  target: TransferTarget,
  lines: AsyncIterable<string> | Iterable<string>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  checkOptions(options, IMPORT_OPTIONS);
  const into = transferStore(target);
  let report: ImportReport = { imported: 0, present: 0, paused: 0 };
  let batch: JobLine[] = [];
  const store = async (): Promise<void> => {
    report = await importBatch(into, batch, report);
    const last = batch.at(-1)?.job.id;
    if (last !== undefined) options.onProgress?.({ jobs: report.imported + report.present, last });
    batch = [];
  };
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === "") continue;
    const line = parseLine(text, number);
    if ("job" in line) batch.push(line);
    else report = await pauseTopic(into, line.paused, report);
    if (batch.length === PAGE) await store();
  }
  await store();
  return report;
}

async function pauseTopic(target: TransferStore, topic: string, so: ImportReport): Promise<ImportReport> {
  if (!target.pause) throw wrongType("the target", `a store with topics, since ${topic} is paused`, "jobs alone");
  await target.pause(topic);
  return { ...so, paused: so.paused + 1 };
}

async function importBatch(target: TransferStore, batch: readonly JobLine[], so: ImportReport): Promise<ImportReport> {
  if (batch.length === 0) return so;
  const there = await target.jobs.get(batch.map(({ job }) => job.id));
  const absent = batch.filter((_, index) => there[index] === undefined);
  const now = await target.now();
  const outcomes = await target.commit(
    absent.map(({ job, notes = [] }): Unit => ({ now, insert: [job], note: notes })),
  );
  for (const [index, outcome] of outcomes.entries()) assertStored((absent[index] as JobLine).job, outcome);
  return { ...so, imported: so.imported + absent.length, present: so.present + batch.length - absent.length };
}

/** A unit whose job was left out for its unique key has its notes refused, or, without notes, says so. */
function assertStored(job: Job, outcome: UnitOutcome): void {
  if (outcome.ok && outcome.leftOut.length === 0) return;
  const details = { id: job.id, unique: job.unique };
  throw new JobqError("DUPLICATE_JOB", `job ${job.id} was not imported: another job holds its unique key or slot`, {
    details,
  });
}
