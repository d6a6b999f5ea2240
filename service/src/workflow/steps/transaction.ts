import { JobqError } from "@jobq/core";
import type { Place } from "../run/code-places.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";
import type { BeginTransaction } from "../workflow-settings.ts";
import type { TryPolicy } from "./step-options.ts";
import { Finished, perform } from "./tries.ts";

/**
 * Does something in a transaction of the user's, and records it in the same one: both are there, or neither. A holder
 * that has lost the run has the whole transaction rolled back.
 */
export function transaction(
  run: WorkflowRun,
  place: Place,
  work: (transaction: never) => unknown,
  policy: TryPolicy,
): Promise<unknown> {
  const begin = run.settings.transaction;
  if (!begin) {
    throw new TypeError(
      `ctx.transaction "${place.step.name}" needs to know how one begins: pass transaction to defineWorkflow or createWorkflows`,
    );
  }
  return perform(run, place, {
    policy,
    keepsFailure: false,
    attempt: (one) =>
      one.within(() => once(run, place, begin, work), policy.timeoutMs, `transaction "${place.step.name}"`),
  });
}

async function once(
  run: WorkflowRun,
  place: Place,
  begin: BeginTransaction,
  work: (transaction: never) => unknown,
): Promise<Finished> {
  // What goes along with the next unit must not be rolled back with this one.
  if (run.writer.hasLater) await run.commit({});
  await run.context.clock.sync();
  let tell: (() => Promise<unknown>) | undefined;
  try {
    await begin(async (transaction, within = transaction) => {
      const value = await run.call(place.step, () => work(transaction as never));
      tell = await run.records.finishWithin(place, value, run.context.within(within));
    });
  } catch (error) {
    if (error instanceof JobqError && error.code === "LEASE_LOST" && error.details.id === run.job.id) run.fail(error);
    throw error;
  }
  if (!tell) throw new TypeError(`the transaction of "${place.step.name}" ended without its work: await work(trx)`);
  return new Finished(tell());
}
