import type { Job, JobHead, JobId, Note, Timestamp, Unit } from "@jobq/core";
import { checkName, checkType, errorText, type ModuleContext, refusalError } from "../../module.ts";
import { CHECKPOINT } from "../record/checkpoint.ts";
import { CANCEL, type Journal } from "../record/journal.ts";
import { runToTell } from "../run/is-run.ts";

/** Asks a run to roll back and end; one that has not begun is canceled at once, since nothing is to be undone. */
export async function requestCancel(context: ModuleContext, id: JobId, why = "canceled"): Promise<void> {
  checkName(id, "the id of a run");
  const reason = errorText(checkType(why, "string", "a reason"));
  for (;;) {
    const now = await context.now();
    const job = await runToTell(context, id);
    const outcome = await context.commit(
      job.token === 0 ? end(context, job, reason, now) : ask(context, job, reason, now),
    );
    if (outcome.ok) return;
    // One that has begun since it was looked at has something to undo.
    if (outcome.job?.token === job.token) throw refusalError(outcome, "cancel");
  }
}

/** Ends a run that has never been reserved. */
function end({ encodeError }: ModuleContext, { id, token }: Job, reason: string, now: Timestamp): Unit {
  const guard = { type: "check", id, lastToken: token } as const;
  return { now, apply: [guard, { type: "cancel", id, reason: "canceled", error: encodeError(reason) }] };
}

/** Asks one that has begun. */
function ask({ encode }: ModuleContext, { id, resetCount }: Job, reason: string, now: Timestamp): Unit {
  const request: CancelRequest = { reason, reset: resetCount };
  const note: Note = { id, kind: CHECKPOINT, key: CANCEL, value: encode(request), at: now };
  return { now, apply: [{ type: "wake", id }], note: [note] };
}

interface CancelRequest {
  readonly reason: string;
  /** How often the run had been reset by then: a later reset makes it void. */
  readonly reset: number;
}

/** Why a run was asked to roll back, undefined where nobody has. */
export function cancelIn(journal: Journal, { resetCount }: JobHead): string | undefined {
  const request = journal.other(CANCEL) as CancelRequest | undefined;
  return !request || request.reset < resetCount ? undefined : request.reason;
}
