import { JobqError } from "@jobq/core";
import type { Command } from "commander";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

/** Adds `jobq explain`. */
export function addExplain(program: Command, bind: Bind): void {
  subcommand(program, "explain", "Say why a job does not run").argument("<id>", "the job").action(bind(explain));
}

async function explain(session: Session, [id = ""]: readonly string[]): Promise<void> {
  const { printer } = session;
  await withQueue(session, async ({ queue }) => {
    const explanation = await queue.explain(id);
    if (!explanation) throw new JobqError("JOB_NOT_FOUND", `job ${id} does not exist`, { details: { id } });
    if (printer.json) return printer.value(explanation);
    await printer.line(explanation.text || "It is about to run.");
  });
}
