import { isFinal, type JobHead, type JobId, JobqError, type JobState } from "@jobq/core";
import { childrenFirst } from "@jobq/service/module";
import type { Command } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { failureOf, UsageError } from "../failure.ts";
import { confirm } from "../input/confirm.ts";
import { type FilterOptions, filterOptions, isNarrow } from "../input/job-filter.ts";
import { type Picked, pickJobs, statusesOf } from "../input/pick-jobs.ts";
import { jobsText } from "../output/number-text.ts";
import type { Queue } from "../queue/queue.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

interface ChangeOptions extends FilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly reason?: string;
}

/** Something that is done to jobs, one by one. */
interface JobChange {
  readonly name: string;
  readonly summary: string;
  /** What is asked before it is done to many. */
  readonly asks: string;
  /** What has been done. */
  readonly done: string;
  /** Which jobs it can be done to, where they are picked by what they are. */
  readonly fits: (job: JobHead) => boolean;
  /** True where bundles come before their members, which would otherwise let them end; else they come after them. */
  readonly ends: boolean;
  /** The state that a live job is in afterwards. */
  readonly becomes?: JobState;
  /** True where copies on dead-letter topics are left out: with their jobs, the work would be done twice. */
  readonly runs?: boolean;
  readonly change: (queue: Queue, id: JobId, options: ChangeOptions) => Promise<void>;
}

const CHANGES: readonly JobChange[] = [
  {
    name: "cancel",
    asks: "Cancel",
    summary: "End jobs that have not ended; those that run are told by their signal",
    done: "canceled",
    fits: ({ state }) => !isFinal(state),
    ends: true,
    becomes: "canceled",
    change: (queue, id, { reason }) => queue.cancel(id, reason),
  },
  {
    name: "retry",
    asks: "Retry",
    summary: "Run jobs again that failed or were canceled, with all their attempts",
    done: "set to run again",
    fits: ({ state }) => state === "canceled",
    ends: false,
    runs: true,
    change: retry,
  },
  {
    name: "reset",
    asks: "Run again",
    summary: "Run jobs again that have ended, however they did",
    done: "set to run again",
    fits: ({ state }) => isFinal(state),
    ends: false,
    runs: true,
    change: (queue, id) => queue.reset(id),
  },
  {
    name: "delete",
    asks: "Delete",
    summary: "Forget jobs, whatever their state",
    done: "deleted",
    fits: () => true,
    ends: true,
    change: (queue, id) => queue.remove(id),
  },
];

/** Adds `jobq cancel`, `retry`, `reset` and `delete`. */
export function addChanges(program: Command, bind: Bind): void {
  for (const what of CHANGES) {
    const command = subcommand(program, what.name, what.summary)
      .argument("[id...]", "the jobs; or pick them by what they are")
      .option("--all", "all jobs that it can be done to")
      .option("--dry-run", "only say how many")
      .option("-y, --yes", "do not ask");
    if (what.name === "cancel") command.option("--reason <text>", "kept with the jobs");
    filterOptions(command).action(bind<ChangeOptions>((session, ids, options) => change(session, what, ids, options)));
  }
}

async function change(
  session: Session,
  what: JobChange,
  named: readonly JobId[],
  options: ChangeOptions,
): Promise<ExitCode> {
  const byWhatTheyAre = isNarrow(options) || options.all === true;
  if (named.length > 0 === byWhatTheyAre) {
    throw new UsageError(
      `jobq ${what.name} takes the ids of jobs, or options that pick them, such as --state or --all`,
    );
  }
  return withQueue(session, async ({ queue }) => {
    const { jobs, notes } = byWhatTheyAre ? await picked(queue, what, options) : await namedJobs(queue, named);
    for (const note of notes) await session.printer.note(note);
    if (options.dryRun) return tell(session, what, { count: jobs.length, failed: [] }, true);
    if (byWhatTheyAre && jobs.length > 0) await confirm(session, `${what.asks} ${jobsText(jobs.length)}?`, options.yes);
    const outcome = await changeAll(queue, what, jobs, options, byWhatTheyAre);
    if (named.length > 0 && jobs.length === 1 && outcome.failed[0]) throw outcome.failed[0].error;
    return tell(session, what, outcome, false);
  });
}

/** As much of a job as is known where it may not exist. */
type Meant = Pick<JobHead, "id"> & Partial<JobHead>;

/** Of one job alone nothing has to be known. */
async function namedJobs(queue: Queue, named: readonly JobId[]): Promise<{ jobs: readonly Meant[]; notes: [] }> {
  const ids = [...new Set(named)];
  const found = ids.length === 1 ? [] : await statusesOf(queue, ids);
  return { jobs: ids.map((id, at) => found[at] ?? { id }), notes: [] };
}

/** The jobs that the options pick, and that it can be done to. */
function picked(queue: Queue, { name, fits, runs = false }: JobChange, options: ChangeOptions): Promise<Picked> {
  return pickJobs(queue, options, { fits, leavesNeeded: name === "delete", leavesCopies: runs });
}

interface Outcome {
  readonly count: number;
  readonly failed: readonly { readonly id: JobId; readonly error: unknown }[];
}

const AT_ONCE = 100;

async function changeAll(
  queue: Queue,
  what: JobChange,
  jobs: readonly Meant[],
  options: ChangeOptions,
  mayHaveMoved: boolean,
): Promise<Outcome> {
  let count = 0;
  const failed: { id: JobId; error: unknown }[] = [];
  for (const some of batchesOf(jobs, what)) {
    const results = await Promise.allSettled(some.map((job) => changeOne(queue, what, job, options)));
    for (const [index, result] of results.entries()) {
      const { id } = some[index] as Meant;
      if (result.status === "fulfilled") count++;
      else if (holdsForAll(result.reason)) {
        if (count === 0) throw result.reason;
        return { count, failed: [...failed, { id, error: result.reason }] };
      }
      // A job that was picked by what it was may have become something else meanwhile.
      else if (!mayHaveMoved || !hasMoved(result.reason)) failed.push({ id, error: result.reason });
    }
  }
  return { count, failed };
}

/** What is changed together. The first goes alone: what it is refused for may hold for all. */
function batchesOf(jobs: readonly Meant[], { ends }: JobChange): readonly (readonly Meant[])[] {
  const turns = childrenFirst(jobs);
  const [first = [], ...others] = ends ? [...turns].reverse() : turns;
  return [first.slice(0, 1), first.slice(1), ...others].flatMap((turn) =>
    Array.from({ length: Math.ceil(turn.length / AT_ONCE) }, (_, at) => turn.slice(at * AT_ONCE, (at + 1) * AT_ONCE)),
  );
}

/** A live job that has become what it was to be, as a member does when its bundle is canceled, is no failure. */
async function changeOne(queue: Queue, what: JobChange, { id, state }: Meant, options: ChangeOptions): Promise<void> {
  try {
    await what.change(queue, id, options);
  } catch (error) {
    const mayBeSo = what.becomes !== undefined && state !== undefined && !isFinal(state) && hasMoved(error);
    if (!mayBeSo || (await queue.status(id))?.state !== what.becomes) throw error;
  }
}

/** True when the server does not let this key do it, or is not there: it says so of every job. */
function holdsForAll(error: unknown): boolean {
  const { unreachable } = error instanceof JobqError ? error.details : {};
  return unreachable === true || failureOf(error).exitCode === EXIT_CODES.denied;
}

function hasMoved(error: unknown): boolean {
  return error instanceof JobqError && (error.code === "JOB_NOT_FOUND" || error.code === "INVALID_STATE");
}

async function tell(
  { printer }: Session,
  { done }: JobChange,
  { count, failed }: Outcome,
  isDryRun: boolean,
): Promise<ExitCode> {
  const failures = failed.map(({ id, error }) => ({ id, ...failureOf(error) }));
  if (printer.json) {
    const errors = failures.map(({ id, code, message }) => ({ id, code, message }));
    await printer.value(isDryRun ? { count, dryRun: true } : { count, failed: errors });
  } else {
    await printer.line(`${jobsText(count)} ${isDryRun ? `would be ${done}` : done}`);
    for (const { id, message } of failures) await printer.note(`${id}: ${message}`);
  }
  return failures[0]?.exitCode ?? EXIT_CODES.ok;
}

async function retry(queue: Queue, id: JobId): Promise<void> {
  const job = await queue.status(id);
  if (job?.state === "done") {
    throw new JobqError("INVALID_STATE", `job ${id} is done: jobq reset runs it again`, {
      details: { id, state: "done" },
    });
  }
  if (job && job.state !== "canceled") {
    throw new JobqError("INVALID_STATE", `job ${id} is ${job.state}: it has not ended, so there is nothing to retry`, {
      details: { id, state: job.state },
    });
  }
  await queue.reset(id);
}
