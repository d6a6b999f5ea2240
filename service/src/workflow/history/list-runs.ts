import {
  type CancelReason,
  checkJobId,
  checkOptions,
  JOB_STATES,
  type JobHead,
  type JobId,
  type JobState,
  type OptionNames,
  type Timestamp,
  wrongType,
} from "@jobq/core";
import { checkInteger, checkName, checkType, MAX_JOBS_PER_CALL, type ModuleContext } from "../../module.ts";

/** The group of all runs that are in no other, so that they are found without a walk through all jobs. */
export const WORKFLOWS = "jobq:workflows";

/** Which runs to list. They must match every filter. */
export interface ListRunsOptions {
  /** The name of their workflow. */
  readonly name?: string | undefined;
  readonly state?: JobState | undefined;
  /** Only runs that have not ended. */
  readonly live?: true | undefined;
  /** Only runs with a smaller id: pass the last id of the previous page. */
  readonly before?: JobId | undefined;
  /** The largest number of runs to return, up to 10,000; 100. */
  readonly limit?: number | undefined;
}

/** A run as lists show it. */
export interface RunHead {
  readonly id: JobId;
  readonly workflow: string;
  /** The state of its job: a run that waits is `delayed`. */
  readonly state: JobState;
  readonly reason: CancelReason | undefined;
  readonly error: string | undefined;
  readonly createdAt: Timestamp;
  readonly finishedAt: Timestamp | undefined;
}

const OPTIONS: OptionNames<ListRunsOptions> = { name: true, state: true, live: true, before: true, limit: true };

/** Finds them, newest first. */
export async function listRuns(context: ModuleContext, options: ListRunsOptions): Promise<RunHead[]> {
  checkOptions(checkType(options, "object", "the query"), OPTIONS, "the query");
  const { name, state, live, before, limit = 100 } = options;
  if (name !== undefined) checkName(name, "name");
  if (before !== undefined) checkJobId(before, "before");
  if (state !== undefined && !JOB_STATES.includes(state)) {
    throw wrongType("state", `one of ${JOB_STATES.join(", ")}`, state);
  }
  if (live !== undefined && live !== true) throw wrongType("live", "true", live);
  checkInteger(limit, "limit", 1, MAX_JOBS_PER_CALL);
  await context.now();
  const found = await context.jobs.find({ group: WORKFLOWS, name, state, live, before, order: "newest", limit });
  return found.map((job) => ({ ...runHead(job), error: context.decodeError(job.error) }));
}

function runHead({ id, name: workflow, state, reason, createdAt, finishedAt }: JobHead): Omit<RunHead, "error"> {
  return { id, workflow, state, reason, createdAt, finishedAt };
}
