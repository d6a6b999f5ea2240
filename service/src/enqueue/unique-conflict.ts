import { isFinal, type Job, type JobHead, type JobqError, type Timestamp, type Unit } from "@jobq/core";
import type { UniqueRule } from "../input/unique-option.ts";
import { refusalError } from "../store/refusal-error.ts";

/**
 * What to do about the job that holds the key of another: a unit that makes it let go, after which that one can be
 * stored, or nothing when it stands for it.
 * @throws {JobqError} DUPLICATE_JOB
 */
export function makeWay(holder: JobHead, { id }: Job, rule: UniqueRule, now: Timestamp): Unit | undefined {
  const { forMs, onConflict } = rule;
  const letGo: Unit = { now, apply: [{ type: "freeKey", id: holder.id }] };
  if (holder.createdAt + forMs <= now) return letGo;
  if (onConflict === "return") return undefined;
  if (onConflict === "throw" || holder.state === "reserved") throw duplicate(id, holder);
  if (isFinal(holder.state)) return letGo;
  const error = `replaced by job ${id}`;
  return {
    now,
    apply: [
      { type: "cancel", id: holder.id, reason: "canceled", error },
      { type: "freeKey", id: holder.id },
    ],
  };
}

function duplicate(id: string, holder: JobHead): JobqError {
  return refusalError({ code: "DUPLICATE_JOB", id, job: holder, holder: holder.id }, "insert");
}
