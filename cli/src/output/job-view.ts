import type { JobHead, JobState } from "@jobq/core";
import { ago, rfc3339 } from "./ages.ts";
import { firstLine } from "./first-line.ts";
import type { Style } from "./printer.ts";
import type { Cell, StyledCell } from "./table.ts";

const STYLE_OF: Readonly<Record<JobState, Style>> = {
  delayed: "yellow",
  ready: "cyan",
  reserved: "blue",
  done: "green",
  canceled: "red",
};

/** A state for people, with the reason where there is one. */
export function stateCell({ state, reason }: Pick<JobHead, "state" | "reason">): StyledCell {
  return { text: reason && reason !== "canceled" ? `${state} (${reason})` : state, style: STYLE_OF[state] };
}

/** The header of a list of jobs. */
export const JOB_HEADER = ["id", "topic", "type", "state", "attempt", "age", "error"] as const;

/** A job as a row of such a list. */
export function jobRow(job: JobHead, now: number): Cell[] {
  const { id, topic, name, attempt, maxRetries, createdAt, error } = job;
  const age = ago(createdAt, now);
  return [
    id,
    topic,
    name,
    stateCell(job),
    attempt === 0 ? "" : `${attempt}/${maxRetries + 1}`,
    age,
    error && firstLine(error),
  ];
}

/** A job's instants as RFC 3339, everything else as it is: what programs are given. */
export function jobValue(job: JobHead & { readonly payload?: unknown; readonly result?: unknown }): object {
  const { createdAt, runAt, reservedAt, leaseUntil, finishedAt, expiresAt, ...rest } = job;
  return {
    ...rest,
    createdAt: rfc3339(createdAt),
    runAt: rfc3339(runAt),
    reservedAt: rfc3339(reservedAt),
    leaseUntil: rfc3339(leaseUntil),
    finishedAt: rfc3339(finishedAt),
    expiresAt: rfc3339(expiresAt),
  };
}
