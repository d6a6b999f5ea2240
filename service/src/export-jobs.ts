import {
  type Job,
  type JobId,
  JobqError,
  type JobRepository,
  NOTE_KINDS,
  type Note,
  type QueueStore,
  received,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";

/** How far an export or import has come. */
export interface TransferProgress {
  /** Jobs so far. */
  readonly jobs: number;
  /** The last of them: where an export can go on from. */
  readonly last: JobId;
}

/** How to export. */
export interface ExportOptions {
  /** Only jobs with a greater id: goes on after the last line that arrived. */
  readonly after?: JobId;
  /** Told after every page. */
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** How to import. */
export interface ImportOptions {
  /** Told after every batch. */
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** What an import did. */
export interface ImportReport {
  readonly imported: number;
  /** Jobs that were there already, and stayed as they were. */
  readonly present: number;
}

/** One line of an export. */
interface Line {
  readonly job: Job;
  readonly notes?: readonly Note[];
}

const PAGE = 500;

/**
 * Every job of a repository with its notes, a line of JSON each, by id: any repository to any other. Jobs that come
 * or change meanwhile may or may not be in it as they are then, so let no service run.
 */
export async function* exportJobs(jobs: JobRepository, options: ExportOptions = {}): AsyncGenerator<string> {
  const { onProgress } = options;
  let { after } = options;
  let count = 0;
  for (;;) {
    const heads = await jobs.find({ limit: PAGE, after });
    const page = (await jobs.get(heads.map(({ id }) => id))).filter((job) => job !== undefined);
    const notes = await Promise.all(page.map(({ id }) => notesOf(jobs, id)));
    for (const [index, job] of page.entries()) {
      const kept = notes[index] ?? [];
      yield JSON.stringify(kept.length > 0 ? { job, notes: kept } : { job });
    }
    after = heads.at(-1)?.id;
    if (after === undefined) return;
    count += page.length;
    onProgress?.({ jobs: count, last: after });
    if (heads.length < PAGE) return;
  }
}

/**
 * Stores exported jobs with their ids, states and notes. A job that is there already is left alone, so an import that
 * was cut off is simply run again. Into a bare repository, entries follow when a service with it starts; give the
 * store that `compose` makes when the topics are durable too.
 * @throws {JobqError} PAYLOAD_INVALID a line is not of an export; DUPLICATE_JOB another job holds a unique key
 */
export async function importJobs(
  target: JobRepository | QueueStore,
  lines: AsyncIterable<string> | Iterable<string>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  let report: ImportReport = { imported: 0, present: 0 };
  let batch: Line[] = [];
  const store = async (): Promise<void> => {
    report = await importBatch(target, batch, report);
    const last = batch.at(-1)?.job.id;
    if (last !== undefined) options.onProgress?.({ jobs: report.imported + report.present, last });
    batch = [];
  };
  for await (const line of lines) {
    if (line.trim() === "") continue;
    batch.push(parse(line));
    if (batch.length === PAGE) await store();
  }
  await store();
  return report;
}

async function notesOf(jobs: JobRepository, id: JobId): Promise<Note[]> {
  return (await Promise.all(NOTE_KINDS.map((kind) => jobs.notes(id, kind)))).flat();
}

async function importBatch(
  target: JobRepository | QueueStore,
  batch: readonly Line[],
  so: ImportReport,
): Promise<ImportReport> {
  if (batch.length === 0) return so;
  const repository = "jobs" in target ? target.jobs : target;
  const there = await repository.get(batch.map(({ job }) => job.id));
  const absent = batch.filter((_, index) => there[index] === undefined);
  const now = repository.clock.now();
  const outcomes = await target.commit(
    absent.map(({ job, notes = [] }): Unit => ({ now, insert: [job], note: notes })),
  );
  for (const [index, outcome] of outcomes.entries()) assertStored((absent[index] as Line).job, outcome);
  return { imported: so.imported + absent.length, present: so.present + batch.length - absent.length };
}

/** A unit whose job was left out for its unique key has its notes refused, or, without notes, says so. */
function assertStored(job: Job, outcome: UnitOutcome): void {
  if (outcome.ok && outcome.leftOut.length === 0) return;
  const details = { id: job.id, unique: job.unique };
  throw new JobqError("DUPLICATE_JOB", `job ${job.id} was not imported: another job holds its unique key`, { details });
}

function parse(line: string): Line {
  try {
    const parsed = JSON.parse(line) as Partial<Line>;
    if (typeof parsed.job?.id === "string" && typeof parsed.job.payload === "string") return parsed as Line;
  } catch {
    // said below, as for any other text
  }
  throw new JobqError("PAYLOAD_INVALID", `a line of an export must be JSON with a job, got ${received(line)}`);
}
