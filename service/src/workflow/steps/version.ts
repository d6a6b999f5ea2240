import { CHECKPOINT } from "../record/checkpoint.ts";
import type { Branch } from "../run/branch.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";

/**
 * The version of a piece of code under which the run goes: the one it met first, for good. A run that had passed the
 * place before there were versions goes under 1.
 */
export function version(run: WorkflowRun, branch: Branch, name: string, latest: number): number {
  const key = `version.${name}`;
  const recorded = run.journal.other(key) as { readonly version: number } | undefined;
  if (recorded) return recorded.version;
  const met = run.journal.hasPassed(branch.path, branch.position) ? 1 : latest;
  const value = run.context.encode({ version: met }, "result");
  run.writer.later({ id: run.job.id, kind: CHECKPOINT, key, value, at: run.context.clock.now() });
  run.journal.keep(key, value);
  return met;
}
