import { isFinal, type JobHead, type JobId, type Unit, type UnitOutcome } from "@jobq/core";

/** What a write made of jobs: those that are ready since then, and those that have ended or are gone. */
export interface Moves {
  readonly ready: readonly JobHead[];
  readonly ended: readonly JobId[];
}

/** Somebody who wants to know of what was written here. */
export interface MovesWatcher {
  moved(moves: Moves): void;
}

/** The moves that units have made; one or the other of the ready jobs may have been left out. */
export function movesOf(units: readonly Unit[], outcomes: readonly UnitOutcome[]): Moves {
  const ready: JobHead[] = [];
  const ended: JobId[] = [];
  for (const [position, outcome] of outcomes.entries()) {
    if (!outcome.ok) continue;
    const { insert = [], now } = units[position] as Unit;
    for (const job of outcome.changed) {
      if (job.state === "ready") ready.push(job);
      else if (job.finishedAt === now && isFinal(job.state)) ended.push(job.id);
    }
    if (insert.length > outcome.leftOut.length) for (const job of insert) if (job.state === "ready") ready.push(job);
    ended.push(...outcome.removed);
  }
  return { ready, ended };
}

/** The moves that led to these jobs. */
export function movesTo(jobs: readonly JobHead[]): Moves {
  return {
    ready: jobs.filter(({ state }) => state === "ready"),
    ended: jobs.filter(({ state }) => isFinal(state)).map(({ id }) => id),
  };
}
