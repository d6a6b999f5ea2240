import { type Change, type Job, type JobHead, type JobId, JobqError, type Timestamp } from "@jobq/core";
import {
  definedOptions,
  type EnqueueCall,
  type EnqueueOptions,
  encodeJobData,
  jobData,
  membersLinkNote,
  refuseAfter,
} from "../../module.ts";
import type { JobDefinition } from "../../worker/index.ts";
import type { Place } from "../run/code-places.ts";
import { derivedId } from "../run/derived.ts";
import type { StepFields } from "../run/step-records.ts";
import { never, type WorkflowRun } from "../run/workflow-run.ts";

/** Children that are stored, or looked at, at once. */
export const PAGE = 1000;

/** The children of one step: a job for each item. */
export interface Children {
  readonly definition: JobDefinition;
  readonly items: readonly unknown[];
  readonly topic: string;
  readonly options: EnqueueOptions;
}

/** The group of the children of a step, which tells them from all others. */
export function groupOf(run: WorkflowRun, { key }: Place): string {
  return `${run.job.id}:${run.era}:${key}`;
}

/**
 * Stores the children that are not stored yet, a page at a time, with how far it has come in the same unit. Their ids
 * follow from the run and their place, so that none is ever stored twice. A reset of the run resets those that failed.
 */
export async function storeChildren(run: WorkflowRun, place: Place, children: Children): Promise<void> {
  const { recorded } = place;
  const total = children.items.length;
  const group = groupOf(run, place);
  const isReset = recorded !== undefined && (recorded.reset ?? 0) < run.head.resetCount;
  if (isReset) await resetCanceled(run, group);
  let stored = recorded?.stored ?? 0;
  let link = !recorded || isReset;
  while (stored < total || link) {
    const now = await run.writer.now();
    const from = stored;
    stored = Math.min(total, from + PAGE);
    const fields: StepFields = { group, children: total, stored };
    const links = link ? [membersLinkNote(run.job.id, group, now)] : [];
    const apply: Change[] = link ? [{ type: "link", id: run.job.id }] : [];
    await run.context.throughMiddleware(callsOf(children, from, stored), async (calls) => {
      const insert = calls.map((call, index) => {
        return childOf(run, place, { ...call, job: children.definition }, from + index, now);
      });
      await run.commit({ insert, apply, note: [run.records.note(place, fields), ...links] });
      return insert.map(({ id }) => id);
    });
    link = false;
  }
}

/** The id of a child: a UUIDv7 of the instant at which its step began, with its number and a hash of its place. */
export function childId(run: WorkflowRun, { key, begunAt }: Place, index: number): JobId {
  return derivedId(`${run.job.id}/${run.era}/${key}/${index}`, begunAt, index);
}

/** Cancels the children that are live. */
export async function cancelChildren(run: WorkflowRun, group: string, error: string): Promise<void> {
  await eachPage(run, { group, live: true }, (id) => ({ type: "cancel", id, reason: "canceled", error }));
}

async function resetCanceled(run: WorkflowRun, group: string): Promise<void> {
  await eachPage(run, { group, state: "canceled" }, (id) => ({ type: "reset", id }));
}

async function eachPage(
  run: WorkflowRun,
  query: { readonly group: string; readonly live?: true; readonly state?: "canceled" },
  change: (id: JobId) => Change,
): Promise<void> {
  for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
    page = await run.context.jobs.find({ ...query, limit: PAGE, after });
    await commitEach(
      run,
      page.map(({ id }) => change(id)),
    );
    if (page.length < PAGE) return;
  }
}

/** Each in a unit of its own; one that is refused, since the child has moved, is passed over. */
async function commitEach(run: WorkflowRun, changes: readonly Change[]): Promise<void> {
  const units = changes.map((change) => run.writer.commit({ apply: [change] }));
  for (const done of await Promise.allSettled(units)) {
    if (done.status === "rejected" && !isOfAnother(done.reason, run.job.id)) run.fail(done.reason);
  }
  if (run.isOver) await never();
}

/** True for the refusal of a change of another job. */
function isOfAnother(error: unknown, run: JobId): boolean {
  return error instanceof JobqError && error.details.id !== undefined && error.details.id !== run;
}

function callsOf({ definition, items, topic, options }: Children, from: number, to: number): EnqueueCall[] {
  const all = definedOptions(definition, options);
  return items.slice(from, to).map((item): EnqueueCall => {
    return { topic, payload: definition.parse(item), options: all, job: definition, partOf: "run" };
  });
}

function childOf(run: WorkflowRun, place: Place, call: EnqueueCall, index: number, now: Timestamp): Job {
  refuseAfter(call, "a child of a run");
  // A key that another job holds would leave the child out, and the run would wait for a job that is not there.
  const made = run.context.newJob(call.topic, call.payload, { ...call.options, unique: undefined }, now);
  const { correlationId } = jobData(run.head);
  const data = encodeJobData({ ...(correlationId && { correlationId }), ...jobData(made), ...call.job?.data });
  return { ...made, id: childId(run, place, index), parent: run.job.id, group: groupOf(run, place), data };
}
