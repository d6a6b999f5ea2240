import { type Job, JobqError } from "@jobq/core";
import { membersLinkNote } from "../../module.ts";
import { isFinished } from "../record/checkpoint.ts";
import type { Place } from "../run/code-places.ts";
import { indexIn } from "../run/derived.ts";
import { never, type WorkflowRun } from "../run/workflow-run.ts";
import { type Children, cancelChildren, childId, groupOf, PAGE, storeChildren } from "./children.ts";
import type { FanOut } from "./fan-out-options.ts";
import { readPages, writePages } from "./result-pages.ts";
import { isUndone } from "./tries.ts";

/** How a child ended. */
export type ChildOutcome<Result = unknown> =
  | { readonly ok: true; readonly result: Result }
  | {
      readonly ok: false;
      readonly reason: NonNullable<Job["reason"]> | "removed";
      readonly error?: string | undefined;
    };

/** What a fan-out is made of. */
export interface FanOutWork extends Children {
  readonly fan: FanOut;
}

/** Has a job done for each item by children of the run, and returns what they came to, in the order of the items. */
export function fanOut(run: WorkflowRun, place: Place, work: FanOutWork): Promise<unknown> {
  const { recorded, step } = place;
  const count = work.items.length;
  if (recorded?.children !== undefined && recorded.children !== count) {
    const named = (children: number) => ({ ...step, name: `${step.name}" of "${children}` });
    run.park(place.key, named(recorded.children), named(count));
    return never();
  }
  if (recorded && isFinished(recorded) && !isUndone(run, recorded)) {
    const { pages } = recorded;
    return run.records
      .replay(place)
      .then((value) => (pages === undefined ? value : readPages(run.journal, place.key, pages)));
  }
  return run.live(async () => {
    await storeChildren(run, place, work);
    const group = groupOf(run, place);
    const known = { group, children: count, stored: count };
    for (;;) {
      const verdict = await look(run, place, work);
      // Its end takes no children along any more.
      const forget = [membersLinkNote(run.job.id, group, run.context.clock.now())];
      if (verdict && "error" in verdict) return run.records.finish(place, verdict, { ...known, unit: { forget } });
      if (verdict) {
        const { value, notes } = writePages(run, place.key, verdict.results);
        const pages = notes.length || undefined;
        const told = await run.records.finish(place, { value }, { ...known, pages, unit: { note: notes, forget } });
        return pages === undefined ? told : verdict.results;
      }
      await run.wait({ awaits: group });
    }
  });
}

type Verdict = { readonly error: JobqError } | { readonly results: readonly unknown[] };

/** What has come of the children, from these alone; undefined while it is open. */
async function look(run: WorkflowRun, place: Place, work: FanOutWork): Promise<Verdict | undefined> {
  const { fan, items } = work;
  const { jobs } = run.context;
  const group = groupOf(run, place);
  if (await isHopeless(run, group, fan, items.length)) {
    await cancelChildren(run, group, "a failed sibling ended the fan-out");
    return { error: await failure(run, place, group) };
  }
  const [live] = await jobs.find({ group, live: true, limit: 1 });
  if (live) return undefined;
  const outcomes = await outcomesOf(run, place, items.length);
  const missing = outcomes.findIndex((one) => !one.ok && one.reason === "removed");
  const done = outcomes.filter(({ ok }) => ok).length;
  if (done < fan.least) {
    if (missing < 0) return { error: await failure(run, place, group) };
    return { error: childError(place.step.name, missing, childId(run, place, missing), "removed") };
  }
  return { results: fan.strategy === "failFast" ? outcomes.map((one) => one.ok && one.result) : outcomes };
}

/** True when too many have failed, whatever comes of the others. */
async function isHopeless({ context: { jobs } }: WorkflowRun, group: string, fan: FanOut, count: number) {
  if (fan.strategy === "collectAll") return false;
  const [canceled] = await jobs.find({ group, state: "canceled", limit: 1 });
  if (!canceled || fan.strategy === "failFast") return canceled !== undefined;
  const tally = await jobs.tally(group);
  const failed = tally.reduce((sum, one) => sum + (one.state === "canceled" ? one.count : 0), 0);
  return failed > count - fan.least;
}

async function failure(run: WorkflowRun, place: Place, group: string): Promise<JobqError> {
  // The one that failed by itself rather than one that was canceled for it.
  const query = { group, state: "canceled", limit: 1 } as const;
  const reasons = ["rejected", "exhausted", "poison", "expired", "dependency", undefined] as const;
  for (const reason of reasons) {
    const [job] = await run.context.jobs.find(reason ? { ...query, reason } : query);
    if (job)
      return childError(
        place.step.name,
        indexIn(job.id),
        job.id,
        job.reason ?? "canceled",
        run.context.decodeError(job.error),
      );
  }
  return childError(place.step.name, 0, childId(run, place, 0), "removed");
}

function childError(
  name: string,
  index: number,
  id: string,
  reason: Extract<ChildOutcome, { ok: false }>["reason"],
  error?: string,
): JobqError {
  const why = error === undefined ? "" : `: ${error.split("\n", 1)[0]}`;
  const how = reason === "removed" ? "was removed" : `was canceled as ${reason}`;
  return new JobqError("CHILD_FAILED", `child ${index} of ${name}, job ${id}, ${how}${why}`, {
    details: { name, index, id, reason },
  });
}

async function outcomesOf(run: WorkflowRun, place: Place, count: number): Promise<ChildOutcome[]> {
  const outcomes: ChildOutcome[] = [];
  for (let from = 0; from < count; from += PAGE) {
    const ids = Array.from({ length: Math.min(PAGE, count - from) }, (_, index) => childId(run, place, from + index));
    for (const job of await run.context.jobs.get(ids)) outcomes.push(outcomeOf(run, job));
  }
  return outcomes;
}

function outcomeOf({ context }: WorkflowRun, job: Job | undefined): ChildOutcome {
  if (!job) return { ok: false, reason: "removed" };
  const { state, reason = "canceled", error, result } = job;
  if (state === "canceled") return { ok: false, reason, error: context.decodeError(error) };
  return { ok: true, result: result === undefined ? undefined : context.decode(result) };
}
