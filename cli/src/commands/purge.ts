import { CANCEL_REASONS, type CancelReason, wrongType } from "@jobq/core";
import type { PurgeOptions } from "@jobq/service";
import type { Command } from "commander";
import { UsageError } from "../failure.ts";
import { confirm } from "../input/confirm.ts";
import { duration } from "../input/duration.ts";
import { stateFilters } from "../input/state-filter.ts";
import { jobsText } from "../output/number-text.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

interface PurgeCommandOptions {
  readonly state?: string;
  readonly reason?: string;
  readonly topic?: string;
  readonly olderThan?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Adds `jobq purge`. */
export function addPurge(program: Command, bind: Bind): void {
  subcommand(program, "purge", "Forget jobs that have ended")
    .option("-s, --state <state>", "done or canceled, or another name of what has ended, as `list` takes; required")
    .option("--reason <reason>", `only those canceled for it: ${CANCEL_REASONS.join(", ")}`)
    .option("--topic <topic>", "only on this topic")
    .option("--older-than <duration>", "only those that ended so long ago or longer; all by default")
    .option("--dry-run", "only say how many")
    .option("-y, --yes", "do not ask")
    .action(bind(purge));
}

async function purge(session: Session, _: readonly string[], options: PurgeCommandOptions): Promise<void> {
  const { state, reason, topic, olderThan, dryRun = false, yes } = options;
  if (state === undefined) throw new UsageError("--state says which jobs to forget: done or canceled");
  const filters = endedFilters(state, reason);
  const age = olderThan === undefined ? {} : { olderThan: duration(olderThan, "--older-than") };
  const older = olderThan === undefined ? "" : ` that ended ${olderThan} ago or longer`;
  if (!dryRun)
    await confirm(
      session,
      `Forget all ${state} jobs${reason ? ` (${reason})` : ""}${topic ? ` of ${topic}` : ""}${older}?`,
      yes,
    );
  await withQueue(session, async ({ queue }) => {
    let purged = 0;
    for (const filter of filters) {
      purged += await queue.purge({ ...filter, ...(topic === undefined ? {} : { topic }), ...age, dryRun });
    }
    if (session.printer.json) await session.printer.value(dryRun ? { count: purged, dryRun } : { purged });
    else await session.printer.line(`${jobsText(purged)} ${dryRun ? "would be forgotten" : "forgotten"}`);
  });
}

/**
 * The ended jobs that a name of a state, and a reason, stand for.
 * @throws {TypeError} a name of what has not ended, or of nothing
 * @throws {UsageError} a reason that the name leaves out
 */
function endedFilters(name: string, reason: string | undefined): readonly Pick<PurgeOptions, "state" | "reason">[] {
  const ended = stateFilters([name]).map(({ state, reason: ofName }) => {
    if (state === "done" || state === "canceled") return { state, ...(ofName && { reason: ofName }) };
    throw wrongType("--state", "done, canceled or another name of what has ended", name);
  });
  if (reason === undefined) return ended;
  const chosen = ended.filter(({ reason: ofName = reason }) => ofName === reason);
  if (chosen.length === 0) throw new UsageError(`--state ${name} has no jobs that were canceled as ${reason}`);
  return chosen.map(({ state }) => ({ state, reason: reason as CancelReason }));
}
