import {
  isFinal,
  type Job,
  type JobHead,
  type JobRepository,
  type NewId,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { jobData } from "../input/job-data.ts";
import { deadLetter } from "./dead-letter.ts";
import type { GroupEnds } from "./group-ends.ts";
import { LINK, linksMembers, unblockOf } from "./link.ts";

/** What telling the end of jobs takes. */
export interface ToldEndsOptions {
  readonly jobs: Pick<JobRepository, "get" | "notes">;
  readonly now: () => Timestamp;
  readonly newId: NewId;
  readonly commit: (unit: Unit) => Promise<UnitOutcome>;
  readonly groupEnds: Pick<GroupEnds, "cancelRest">;
}

/** Tells the end of jobs to those that wait for it. It can be done again by anybody, and changes nothing then. */
export class ToldEnds {
  readonly #options: ToldEndsOptions;

  constructor(options: ToldEndsOptions) {
    this.#options = options;
  }

  /**
   * Unblocks or cancels every job that is linked to this one, which has ended. Each is told in a unit of its own, since
   * one that is gone must not keep the others from hearing. Done when the number told is the number linked: one that
   * comes meanwhile has the unit refused, and is told in the next round.
   */
  async tell(ended: JobHead): Promise<void> {
    const { jobs, now, commit } = this.#options;
    for (let job: JobHead | undefined = ended; job?.links !== undefined && isFinal(job.state); ) {
      const { id, links } = job;
      const blocker = job;
      const notes = await jobs.notes(id, LINK);
      await Promise.all(
        notes.map((note) =>
          linksMembers(note)
            ? this.#takeMembers(note.key, blocker)
            : commit({ now: now(), apply: [unblockOf(note, blocker)] }),
        ),
      );
      const insert = await this.#deadLetters(blocker);
      const outcome = await commit({
        now: now(),
        insert,
        apply: [{ type: "resolve", id, told: links }],
        forget: notes,
      });
      if (outcome.ok) return;
      [job] = await jobs.get([id]);
    }
  }

  /**
   * A run that gave up by itself leaves its children alone: it may go on once it is reset. A bundle, whose group has its
   * own id, has no members that are its concern any more once its callback has begun.
   */
  async #takeMembers(group: string, { id, state, reason }: JobHead): Promise<void> {
    const wasCanceled = reason === "canceled" || reason === "dependency";
    if (state !== "canceled" || (group === id ? !wasCanceled : reason === "rejected")) return;
    await this.#options.groupEnds.cancelRest(group, `job ${id}, which waited for it, was canceled`);
  }

  /** The copy for the dead-letter topic, stored in the unit that notes that all have been told: so there is one, once. */
  async #deadLetters({ id, reason, data, resetCount }: JobHead): Promise<Job[]> {
    const topic = jobData({ data }).deadLetter;
    if (topic === undefined || (reason !== "exhausted" && reason !== "poison")) return [];
    const [job] = await this.#options.jobs.get([id]);
    return job?.resetCount === resetCount ? [deadLetter(job, topic, this.#options)] : [];
  }
}
