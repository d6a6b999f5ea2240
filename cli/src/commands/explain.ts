import { JobqError } from "@jobq/core";
import type { Explanation } from "@jobq/service";
import { explainText } from "@jobq/service/module";
import type { Command } from "commander";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

/** Adds `jobq explain`. */
export function addExplain(program: Command, bind: Bind): void {
  subcommand(program, "explain", "Say why a job does not run").argument("<id>", "the job").action(bind(explain));
}

async function explain(session: Session, [id = ""]: readonly string[]): Promise<void> {
  const { printer } = session;
  await withQueue(session, async ({ queue, service }) => {
    const found = await queue.explain(id);
    if (!found) throw new JobqError("JOB_NOT_FOUND", `job ${id} does not exist`, { details: { id } });
    const explanation = service ? withoutWorkers(found) : found;
    if (printer.json) return printer.value(explanation);
    await printer.line(explanation.text || "It is about to run.");
  });
}

/** Straight on a store nothing is known of workers and their codec: this process has none, whatever others have. */
function withoutWorkers({ id, state, reasons: all }: Explanation): Explanation {
  const reasons = all.filter(({ type }) => type !== "noWorker" && type !== "unreadable");
  return { id, state, reasons, text: explainText(reasons) };
}
