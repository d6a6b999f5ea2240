import {
  type Change,
  type Job,
  type JobHead,
  type JobId,
  type Note,
  type Timestamp,
  transition,
  type Unit,
  wrongType,
} from "@jobq/core";
import type { Waits } from "../input/after-option.ts";
import { type NameOf, requestName } from "../input/named-error.ts";
import { linkNote, openBlockers } from "../waits/link.ts";
import type { JobPlan } from "./job-plan.ts";

/**
 * The unit that stores jobs together with their links, given what is known of the jobs they wait for. Those that have
 * ended already are not linked to: the one who waits is then ready, or canceled, from the start.
 */
export class LinkedInsert {
  readonly #plans: readonly JobPlan[];
  readonly #order: readonly number[];
  /** What is known of jobs that are stored already. */
  readonly #known = new Map<JobId, JobHead>();
  /** Who stands for a job of this call that was left out. */
  readonly #standIns = new Map<JobId, JobId>();

  /** @throws {TypeError} jobs of the call that wait for each other in a circle */
  constructor(plans: readonly JobPlan[], nameOf: NameOf = requestName) {
    this.#plans = plans;
    this.#order = blockersFirst(plans, nameOf);
  }

  /** The jobs that are waited for and are not of this call. */
  get strangers(): readonly JobId[] {
    const ids = this.#plans.flatMap(({ waits }) => (waits?.on ?? []).filter((on) => typeof on === "string"));
    return [...new Set([...ids, ...this.#standIns.values()])];
  }

  /** The job of this call with that id. */
  own(id: JobId): Job | undefined {
    return this.#plans.find(({ job }) => job.id === id)?.job;
  }

  /** Learns what a stored job is. */
  learn(job: JobHead): void {
    this.#known.set(job.id, job);
  }

  /** Learns that a job of this call is left out, because another holds its key. */
  replace(id: JobId, standIn: JobId): void {
    this.#standIns.set(id, standIn);
  }

  unit(now: Timestamp): Unit & { readonly apply: readonly Change[]; readonly note: readonly Note[] } {
    const jobs = new Map<JobId, Job>();
    const apply: Change[] = [];
    const note: Note[] = [];
    for (const at of this.#order) {
      const { job, waits } = this.#plans[at] as JobPlan;
      const blockers = (waits?.on ?? []).map((on) => this.#blocker(on, jobs));
      const open = waits ? openBlockers(blockers, waits) : "run";
      jobs.set(job.id, waiting(job, open, now));
      if (!waits || open === "run" || "failedBy" in open) continue;
      for (const id of open) {
        apply.push({ type: "link", id });
        note.push(linkNote(id, job.id, waits, now));
      }
    }
    return { now, insert: this.#plans.map(({ job }) => jobs.get(job.id) as Job), apply, note };
  }

  /** As far as it is known; of one that is not, the store will say whether it is there. */
  #blocker(on: JobId | number, jobs: ReadonlyMap<JobId, Job>): JobHead {
    const own = typeof on === "number" ? (this.#plans[on] as JobPlan).job.id : undefined;
    const id = own === undefined ? (on as JobId) : (this.#standIns.get(own) ?? own);
    return jobs.get(id) ?? this.#known.get(id) ?? ({ id, state: "ready" } as JobHead);
  }
}

function waiting(job: Job, open: ReturnType<typeof openBlockers>, now: Timestamp): Job {
  if (open === "run") return job;
  if (!("failedBy" in open)) return { ...job, state: "delayed", blockers: open };
  const by = open.failedBy;
  return transition(waiting(job, [by], now), { type: "unblock", id: job.id, by, fails: true }, now) as Job;
}

/** The places of the plans, each after those it waits for. */
function blockersFirst(plans: readonly JobPlan[], nameOf: NameOf): readonly number[] {
  const order: number[] = [];
  const seen = new Map<number, "open" | "done">();
  const stack: { readonly at: number; readonly left: number[] }[] = [];
  const enter = (at: number): void => {
    if (seen.get(at) === "open") throw wrongType("after", "free of circles", `${nameOf(at)}, which waits for itself`);
    if (seen.get(at) === "done") return;
    seen.set(at, "open");
    stack.push({ at, left: placesOf(plans[at]?.waits) });
  };
  for (let first = 0; first < plans.length; first++) {
    enter(first);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.left.pop();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      stack.pop();
      seen.set(top.at, "done");
      order.push(top.at);
    }
  }
  return order;
}

function placesOf(waits: Waits | undefined): number[] {
  return (waits?.on ?? []).filter((on) => typeof on === "number");
}
