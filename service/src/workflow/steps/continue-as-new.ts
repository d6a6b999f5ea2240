import { CHECKPOINT } from "../record/checkpoint.ts";
import { INPUT, type RunInput } from "../record/journal.ts";
import { never, type WorkflowRun } from "../run/workflow-run.ts";

/** Begins the run anew with another payload, under the same id: in one unit its record is forgotten and it is let go of. */
export function continueAsNew(run: WorkflowRun, payload: unknown): Promise<never> {
  return run.live(async () => {
    const { id, token } = run.job.job;
    const input: RunInput = { era: run.era + 1, payload };
    const value = run.context.encode(input, "payload");
    const keys = run.journal.keys.filter((key) => key !== INPUT);
    run.writer.dropLater();
    await run.commit({
      change: { type: "suspend", id, token },
      note: [{ id, kind: CHECKPOINT, key: INPUT, value, at: run.context.clock.now() }],
      forget: keys.map((key) => ({ id, kind: CHECKPOINT, key })),
    });
    run.rests();
    return never();
  });
}
