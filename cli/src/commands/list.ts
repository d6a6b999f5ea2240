import type { JobHead } from "@jobq/core";
import type { JobRecord } from "@jobq/service";
import type { Command } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { type FilterOptions, filterOptions, newestJobs } from "../input/job-filter.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { JOB_HEADER, jobRow, jobValue } from "../output/job-view.ts";
import type { Queue } from "../queue/queue.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

interface ListOptions extends FilterOptions {
  readonly limit?: string;
  readonly payload?: true;
}

/** Adds `jobq list`. */
export function addList(program: Command, bind: Bind): void {
  const command = subcommand(program, "list", "List jobs, the newest first")
    .option("-n, --limit <number>", "at most so many; 50")
    .option("--payload", "with --json: payloads and results too");
  filterOptions(command).action(
    bind((session, _, options: ListOptions) => withQueue(session, ({ queue }) => listJobs(session, queue, options))),
  );
}

/** Prints the newest jobs that pass. */
export async function listJobs({ printer }: Session, queue: Queue, options: ListOptions): Promise<ExitCode> {
  const limit = options.limit === undefined ? 50 : wholeNumber(options.limit, "--limit", 1);
  if (options.payload && !printer.json) throw new UsageError("--payload goes with --json");
  const jobs = await newestJobs(queue, options, limit);
  if (options.payload) await printer.value((await recordsOf(queue, jobs)).map(jobValue));
  else if (printer.json) await printer.value(jobs.map(jobValue));
  else if (jobs.length === 0) await printer.note("no jobs");
  else {
    const now = Date.now();
    await printer.table(
      JOB_HEADER,
      jobs.map((job) => jobRow(job, now)),
    );
    if (jobs.length === limit) await printer.note(`the newest ${limit}; --limit shows more`);
  }
  return EXIT_CODES.ok;
}

const AT_ONCE = 100;

/** The jobs with their payloads and results; those that are gone by now are left out. */
async function recordsOf(queue: Queue, jobs: readonly JobHead[]): Promise<JobRecord[]> {
  const records: JobRecord[] = [];
  for (let from = 0; from < jobs.length; from += AT_ONCE) {
    const some = await Promise.all(jobs.slice(from, from + AT_ONCE).map(({ id }) => queue.get(id)));
    records.push(...some.filter((job) => job !== undefined));
  }
  return records;
}
