import { isFinal, type JobHead, type JobRepository, type Timestamp, type Unit, type UnitOutcome } from "@jobq/core";
import { LINK, unblockOf } from "./link.ts";

/** What telling the end of jobs takes. */
export interface ToldEndsOptions {
  readonly jobs: Pick<JobRepository, "get" | "notes">;
  readonly now: () => Timestamp;
  readonly commit: (unit: Unit) => Promise<UnitOutcome>;
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
      await Promise.all(notes.map((note) => commit({ now: now(), apply: [unblockOf(note, blocker)] })));
      const told = { now: now(), apply: [{ type: "resolve", id, told: links }], forget: notes } as const;
      const outcome = await commit(told);
      if (outcome.ok) return;
      [job] = await jobs.get([id]);
    }
  }
}
