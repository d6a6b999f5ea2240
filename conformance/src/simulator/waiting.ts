import { type Change, isFinal, type JobHead, type JobId } from "@jobq/core";
import { type AfterPlan, type JobPlan, LIMITS } from "./script.ts";

/** How a job has ended; one that was removed before it had is canceled to those that wait for it. */
type End = "done" | "canceled";

/**
 * What jobs wait for and what of that has come, from what was asked for and what was seen: it tells which changes the
 * service may make by itself.
 */
export class Waiting {
  readonly #ids = new Map<string, JobId>();
  readonly #after = new Map<JobId, AfterPlan>();
  readonly #ends = new Map<JobId, Set<End>>();
  readonly #bundles = new Map<JobId, { readonly onCanceled: "continue" | "cancel"; readonly members: JobId[] }>();

  /** The id of the job of that label, also of one that is gone; undefined where there was none. */
  idOf(label: string): JobId | undefined {
    return this.#ids.get(label);
  }

  /** True for the job of a bundle's end. */
  isBundle(id: JobId): boolean {
    return this.#bundles.has(id);
  }

  /** Takes up a job that is seen for the first time; returns what it waits for if nothing of that has come. */
  begin({ id, name }: JobHead, plan: JobPlan): Pick<JobHead, "blockers" | "awaits"> {
    const { after, bundle, memberOf } = plan;
    this.#ids.set(name, id);
    if (after) this.#after.set(id, after);
    if (bundle) this.#bundles.set(id, { onCanceled: bundle, members: [] });
    const owner = memberOf === undefined ? undefined : this.#ids.get(memberOf);
    if (owner !== undefined) this.#bundles.get(owner)?.members.push(id);
    const blockers = after?.on.flatMap((label) => this.#ids.get(label) ?? []);
    return { blockers: blockers?.length ? blockers : undefined, awaits: bundle ? id : undefined };
  }

  /** The job was seen like this. */
  seen({ id, state }: JobHead): void {
    if (isFinal(state)) this.#ended(id, state as End);
  }

  /** The job is gone; it was seen like this last. */
  gone({ id, state }: JobHead): void {
    if (!isFinal(state)) this.#ended(id, "canceled");
  }

  /** The changes that follow from what has been seen. */
  moves(job: JobHead): Change[] {
    const { id, parent, limit } = job;
    const changes: Change[] = (job.blockers ?? []).flatMap((by) => this.#unblocks(job, by));
    if (limit) for (let slot = 0; slot < limit.concurrency; slot++) changes.push({ type: "admit", id, slot });
    const members = this.#bundles.get(id)?.members;
    if (members?.every((member) => this.#ends.has(member))) changes.push({ type: "wake", id });
    if (parent !== undefined && this.#isCanceledWith(parent)) changes.push({ type: "cancel", id, reason: "canceled" });
    return changes;
  }

  #ended(id: JobId, end: End): void {
    this.#ends.set(id, (this.#ends.get(id) ?? new Set()).add(end));
  }

  #unblocks({ id }: JobHead, by: JobId): Change[] {
    const { need = "all", onCanceled = "cancel" } = this.#after.get(id) ?? {};
    const unblock = { type: "unblock", id, by } as const;
    return [...(this.#ends.get(by) ?? [])].map((end): Change => {
      if (end === "done" || onCanceled === "run") return need === "any" ? { ...unblock, all: true } : unblock;
      return need === "any" ? { ...unblock, fails: true } : { ...unblock, all: true, fails: true };
    });
  }

  /** True when what became of the bundle, or of another of its members, cancels the rest. */
  #isCanceledWith(bundle: JobId): boolean {
    const { onCanceled, members = [] } = this.#bundles.get(bundle) ?? {};
    const isCanceled = (id: JobId): boolean => this.#ends.get(id)?.has("canceled") === true;
    return isCanceled(bundle) || (onCanceled === "cancel" && members.some(isCanceled));
  }
}

/** The limit that the plan asks for. */
export function limitOf({ limit }: JobPlan): JobHead["limit"] {
  return limit && { key: limit, concurrency: LIMITS[limit] };
}
