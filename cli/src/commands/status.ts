import { JOB_STATES, type JobId, JobqError, type Tally } from "@jobq/core";
import type { JobRecord } from "@jobq/service";
import type { Command } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { duration } from "../input/duration.ts";
import { type FilterOptions, filterOptions, isNarrow } from "../input/job-filter.ts";
import { ago, rfc3339 } from "../output/ages.ts";
import { firstLine } from "../output/first-line.ts";
import { jobValue, stateCell } from "../output/job-view.ts";
import type { Printer } from "../output/printer.ts";
import { plain } from "../output/table.ts";
import type { Queue } from "../queue/queue.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";
import { listJobs } from "./list.ts";

interface StatusOptions extends FilterOptions {
  readonly stats?: boolean;
  readonly limit?: string;
  readonly wait?: string | boolean;
}

/** Adds `jobq status`. */
export function addStatus(program: Command, bind: Bind): void {
  const command = subcommand(program, "status", "Show a job; without an id, how many jobs there are in each state")
    .argument("[id]", "the job")
    .option("--stats", "how many jobs there are, per topic and state")
    .option("--limit <number>", "with --state: at most so many; 50")
    .option("--wait [duration]", "wait for the end of the job first");
  filterOptions(command).action(bind(status));
}

async function status(session: Session, [id]: readonly string[], options: StatusOptions): Promise<ExitCode> {
  return withQueue(session, async ({ queue }) => {
    if (id !== undefined) return showJob(session, queue, id, options);
    if (isNarrow(options) && !options.stats) return listJobs(session, queue, options);
    await showTally(session.printer, await queue.tally());
    return EXIT_CODES.ok;
  });
}

async function showJob(session: Session, queue: Queue, id: JobId, { wait }: StatusOptions): Promise<ExitCode> {
  const { io, printer } = session;
  if (wait !== undefined) {
    const timeout = typeof wait === "string" ? { timeout: duration(wait, "--wait") } : {};
    await queue.result(id, { ...timeout, signal: io.signal });
  }
  const job = await queue.get(id);
  if (!job) throw new JobqError("JOB_NOT_FOUND", `job ${id} does not exist`, { details: { id } });
  const attempts = await queue.attempts(id);
  const logs = await queue.logs(id);
  const code = wait !== undefined && job.state === "canceled" ? EXIT_CODES.failed : EXIT_CODES.ok;
  if (printer.json) {
    const timed = attempts.map((one) => ({ ...one, startedAt: rfc3339(one.startedAt), endedAt: rfc3339(one.endedAt) }));
    const lines = logs.map(({ at, line }) => ({ at: rfc3339(at), line }));
    await printer.value({ ...jobValue(job), attempts: timed, logs: lines });
    return code;
  }
  await showFields(printer, job);
  for (const { attempt, outcome, startedAt, error } of attempts) {
    const why = error ? `  ${firstLine(`${error.name}: ${error.message}`)}` : "";
    await printer.line(`attempt ${attempt}  ${outcome}  ${rfc3339(startedAt) ?? ""}${why}`);
  }
  for (const { at, line } of logs) await printer.line(`${rfc3339(at)}  ${plain(line)}`);
  return code;
}

async function showFields(printer: Printer, job: JobRecord): Promise<void> {
  const now = Date.now();
  const when = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : `${rfc3339(at)} (${ago(at, now)})`;
  const { progress } = job;
  const isHeld = job.state === "reserved";
  const share = progress && `${Math.round(progress.value * 100)} % ${progress.message ?? ""}`.trim();
  const tags =
    job.tags &&
    Object.entries(job.tags)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
  await printer.fields([
    ["id", job.id],
    ["topic", job.topic],
    ["type", job.name === job.topic ? undefined : job.name],
    ["state", stateCell(job)],
    ["attempt", `${job.attempt} of ${job.maxRetries + 1}`],
    ["weight", job.weight === 0 ? undefined : String(job.weight)],
    ["progress", share],
    ["created", when(job.createdAt)],
    ["due", when(job.runAt)],
    ["waits for", job.blockers?.join(" ")],
    ["started", when(job.reservedAt)],
    ["held by", isHeld ? job.reservedBy : undefined],
    ["lease ends", isHeld ? when(job.leaseUntil) : undefined],
    ["ended", when(job.finishedAt)],
    ["expires", when(job.expiresAt)],
    ["unique", job.unique],
    ["limit", job.limit && `${job.limit.key}, ${job.limit.concurrency} at once`],
    ["tags", tags],
    ["error", job.error && firstLine(job.error)],
    ["payload", job.payload === undefined ? undefined : JSON.stringify(job.payload)],
    ["result", job.result === undefined ? undefined : JSON.stringify(job.result)],
  ]);
}

async function showTally(printer: Printer, tally: readonly Tally[]): Promise<void> {
  const topics = [...new Set(tally.map(({ topic }) => topic))].sort();
  const countOf = (topic: string | undefined, state: string): number =>
    tally
      .filter((one) => (topic === undefined || one.topic === topic) && one.state === state)
      .reduce((sum, { count }) => sum + count, 0);
  if (printer.json) {
    const states = (topic: string | undefined): object =>
      Object.fromEntries(JOB_STATES.map((state) => [state, countOf(topic, state)]));
    await printer.value({
      total: states(undefined),
      topics: Object.fromEntries(topics.map((topic) => [topic, states(topic)])),
    });
    return;
  }
  const rows = topics.map((topic) => [topic, ...JOB_STATES.map((state) => countOf(topic, state))]);
  const total = ["total", ...JOB_STATES.map((state) => countOf(undefined, state))];
  await printer.table(["topic", ...JOB_STATES], topics.length === 1 ? rows : [...rows, total]);
}
