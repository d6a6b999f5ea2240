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

/** Members that are canceled at once with the rest. */
const PAGE = 1000;

/**
 * Looks whether groups have ended and does what follows, from the jobs alone: there is no counter that could be wrong.
 * It can be done again by anybody, and changes nothing then.
 */
export class GroupEnds {
  readonly #options: GroupEndsOptions;

  constructor(options: GroupEndsOptions) {
    this.#options = options;
  }

  /** @param hasCanceled whether a member is known to have been canceled */
  async look(group: string, parentId: JobId, hasCanceled: boolean): Promise<void> {
    const { jobs } = this.#options;
    if (hasCanceled && (await this.#isHandled(group, parentId))) return;
    const [live] = await jobs.find({ group, live: true, limit: 1 });
    if (live) return;
    const [parent] = await jobs.get([parentId]);
    // A bundle that is still open is blocked by itself: more members may come.
    if (!parent || isFinal(parent.state) || parent.blockers) return;
    if (parent.awaits === group && groupPolicyOf(parent).thenDone) await this.#finish(parent);
    else await this.#wake(parent.id);
  }

  /** Does what a canceled member means; true when nothing else has to be looked at. */
  async #isHandled(group: string, parentId: JobId): Promise<boolean> {
    const [parent] = await this.#options.jobs.get([parentId]);
    if (!parent || isFinal(parent.state)) return true;
    const { onCanceled } = groupPolicyOf(parent);
    if (onCanceled === "cancel") await this.#cancelRest(group);
    if (onCanceled === "wake") await this.#wake(parent.id);
    return onCanceled === "wake";
  }

  async #cancelRest(group: string): Promise<void> {
    const { jobs, now, commit } = this.#options;
    const error = "another member of its group was canceled";
    for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
      page = await jobs.find({ group, live: true, limit: PAGE, after });
      const units = page.map(
        ({ id }): Unit => ({ now: now(), apply: [{ type: "cancel", id, reason: "canceled", error }] }),
      );
      await Promise.all(units.map(commit));
      if (page.length < PAGE) return;
    }
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
