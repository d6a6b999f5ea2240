import { type Change, isRefusal, type JobHead, type Timestamp, transition } from "@jobq/core";
import type { Ask } from "./ask.ts";

/** A change that somebody asked for, or that time brings. */
export interface Move {
  readonly change: Change;
  readonly now: Timestamp;
  readonly ask?: Ask;
}

/** What of a job the moves decide alone; instants and words depend on when and by whom they are made. */
export type Trait = (job: JobHead) => string;

/** All that the state machine counts. */
export const wholeStatus: Trait = (job) =>
  [job.state, job.token, job.attempt, job.leaseLosses, job.resetCount, job.reason, waitsOf(job)].join(" ");

/** What the job waits for but an instant, and what it has of it. */
function waitsOf({ blockers, awaits, woken, slot }: JobHead): string {
  return JSON.stringify([[...(blockers ?? [])].sort(), awaits, woken, slot]);
}

/** As {@link wholeStatus}, but for the counts of attempts and lost leases and what follows from them. */
export const statusWithoutCounts: Trait = (job) =>
  [job.reason === "poison" || job.reason === "exhausted" ? "open" : openOr(job), job.token, job.resetCount].join(" ");

function openOr({ state }: JobHead): string {
  return state === "ready" || state === "delayed" ? "open" : state;
}

/** A move, and the job after it. */
export interface Stage {
  readonly move: Move;
  readonly job: JobHead;
}

/**
 * The fewest moves, each used at most once, that lead from one status of a job to another by the state machine; undefined
 * when there is no such way.
 */
export function pathTo(from: JobHead, to: JobHead, moves: readonly Move[], trait: Trait): readonly Stage[] | undefined {
  const wanted = trait(to);
  const search = (job: JobHead, left: readonly Move[], most: number): readonly Stage[] | undefined => {
    if (trait(job) === wanted) return [];
    if (most === 0) return undefined;
    for (const move of left) {
      const after = transition(job, move.change, move.now);
      if (isRefusal(after) || after.token > to.token || isSame(job, after)) continue;
      const others = left.filter((other) => other !== move);
      const rest = search(after, others, most - 1);
      if (rest) return [{ move, job: after }, ...rest];
    }
    return undefined;
  };
  for (let most = 0; most <= moves.length; most++) {
    const path = search(from, moves, most);
    if (path) return path;
  }
  return undefined;
}

/** True when a move has changed nothing that could matter to a later one. */
function isSame(before: JobHead, after: JobHead): boolean {
  return (
    wholeStatus(before) === wholeStatus(after) && before.runAt === after.runAt && before.leaseUntil === after.leaseUntil
  );
}
