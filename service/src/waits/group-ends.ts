import {
  isFinal,
  type JobHead,
  type JobId,
  type JobRepository,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { groupPolicyOf } from "./group-policy.ts";

/** What watching groups takes. */
export interface GroupEndsOptions {
  readonly jobs: Pick<JobRepository, "get" | "find">;
  readonly now: () => Timestamp;
  readonly commit: (unit: Unit) => Promise<UnitOutcome>;
  /** Who finishes a parent that has nothing to run. */
  readonly by: () => string;
}

/** Whether a member of a group has been canceled, as far as is known. */
export type HasCanceled = "yes" | "no" | "unknown";

/** Members that are canceled at once with the rest. */
const PAGE = 1000;
/** Groups of which a live member is remembered. */
const MAX_SEEN = 10_000;

/**
 * Looks whether groups have ended and does what follows, from the jobs alone: there is no counter that could be wrong.
 * It can be done again by anybody, and changes nothing then.
 */
export class GroupEnds {
  readonly #options: GroupEndsOptions;
  /** A member of each group that was live when it was last looked at: most looks need no more than to see it again. */
  readonly #seen = new Map<string, JobId>();

  constructor(options: GroupEndsOptions) {
    this.#options = options;
  }

  async look(group: string, parentId: JobId, hasCanceled: HasCanceled): Promise<void> {
    if (hasCanceled !== "no" && (await this.#isHandled(group, parentId, hasCanceled))) return;
    if (await this.#hasLive(group)) return;
    const [parent] = await this.#options.jobs.get([parentId]);
    // A bundle that is still open is blocked by itself: more members may come.
    if (!parent || isFinal(parent.state) || parent.blockers) return;
    // It may have been closed since the first look, and got members before that.
    if (await this.#hasLive(group)) return;
    if (parent.awaits === group && groupPolicyOf(parent, group).thenDone) await this.#finish(parent);
    else await this.#wake(parent.id);
  }

  /** Cancels every live member, page by page. */
  async cancelRest(group: string, error: string): Promise<void> {
    const { jobs, now, commit } = this.#options;
    for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
      page = await jobs.find({ group, live: true, limit: PAGE, after });
      const units = page.map(
        ({ id }): Unit => ({ now: now(), apply: [{ type: "cancel", id, reason: "canceled", error }] }),
      );
      await Promise.all(units.map(commit));
      if (page.length < PAGE) return;
    }
  }

  async #hasLive(group: string): Promise<boolean> {
    const { jobs } = this.#options;
    const seen = this.#seen.get(group);
    const [still] = seen === undefined ? [] : await jobs.get([seen]);
    if (still && !isFinal(still.state)) return true;
    // The newest one, since members end from the oldest on.
    const [live] = await jobs.find({ group, live: true, order: "newest", limit: 1 });
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    if (live) this.#seen.set(group, live.id);
    else this.#seen.delete(group);
    return live !== undefined;
  }

  /** Does what a canceled member means; true when nothing else has to be looked at. */
  async #isHandled(group: string, parentId: JobId, hasCanceled: HasCanceled): Promise<boolean> {
    const { jobs, now, commit } = this.#options;
    const [parent] = await jobs.get([parentId]);
    if (!parent || isFinal(parent.state)) return true;
    const { onCanceled = "continue" } = groupPolicyOf(parent, group);
    if (onCanceled === "continue") return false;
    if (hasCanceled === "unknown" && (await jobs.find({ group, state: "canceled", limit: 1 })).length === 0) {
      return false;
    }
    if (onCanceled === "wake") {
      await this.#wake(parentId);
      return true;
    }
    // No member is added after this, so that none is passed over.
    if (parent.blockers) await commit({ now: now(), apply: [{ type: "unblock", id: parentId, by: parentId }] });
    await this.cancelRest(group, "another member of its group was canceled");
    return false;
  }

  async #wake(id: JobId): Promise<void> {
    await this.#options.commit({ now: this.#options.now(), apply: [{ type: "wake", id }] });
  }

  /** In one unit, guarded by the token that its reservation gets: it happens once, however many look. */
  async #finish({ id, token }: JobHead): Promise<void> {
    const { now, commit, by } = this.#options;
    await commit({
      now: now(),
      apply: [
        { type: "wake", id },
        { type: "reserve", id, by: by() },
        { type: "done", id, token: token + 1 },
      ],
    });
  }
}
