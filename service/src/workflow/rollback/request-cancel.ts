import type { JobHead, JobId, Note } from "@jobq/core";
import { checkName, checkType, errorText, type ModuleContext, refusalError } from "../../module.ts";
import { CHECKPOINT } from "../record/checkpoint.ts";
import { CANCEL, type Journal } from "../record/journal.ts";
import { runToTell } from "../run/is-run.ts";

/** Asks a run to roll back and end; one that has not begun is canceled at once, since nothing is to be undone. */
export async function requestCancel(context: ModuleContext, id: JobId, why = "canceled"): Promise<void> {
  checkName(id, "the id of a run");
  const reason = errorText(checkType(why, "string", "a reason"));
  const now = await context.now();
  const job = await runToTell(context, id);
  const request: CancelRequest = { reason, reset: job.resetCount };
  const value = context.encode(request);
  const note: Note = { id, kind: CHECKPOINT, key: CANCEL, value, at: now };
  const outcome = await context.commit(
    job.token === 0
      ? { now, apply: [{ type: "cancel", id, reason: "canceled", error: context.encodeError(reason) }] }
      : { now, apply: [{ type: "wake", id }], note: [note] },
  );
  if (!outcome.ok) throw refusalError(outcome, "cancel");
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
