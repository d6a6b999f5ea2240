import { wrongType } from "@jobq/core";
import { Branch, branchPath } from "../run/branch.ts";
import type { Place } from "../run/code-places.ts";
import { never, type WorkflowRun } from "../run/workflow-run.ts";

/** Runs the branches side by side; the steps of each are counted by themselves. Rejects as soon as one of them does. */
export async function parallel(
  run: WorkflowRun,
  place: Place,
  branches: readonly ((branch: Branch) => unknown)[],
): Promise<unknown[]> {
  const { key, recorded, step } = place;
  const count = branches.length;
  if (!recorded) run.writer.later(run.records.note(place, { children: count }));
  else if (recorded.children !== count) {
    const named = (many = 0) => ({ ...step, kind: "step", name: `parallel of ${many}` }) as const;
    run.park(key, named(recorded.children), named(count));
    return never();
  }
  const own = branches.map((_, index) => new Branch(branchPath(key, index), place.branch.now));
  const results = await Promise.all(branches.map(async (code, index) => code(own[index] as Branch)));
  place.branch.now = Math.max(place.branch.now, ...own.map(({ now }) => now));
  return results;
}

/** @throws {TypeError} not functions */
export function checkBranches<T extends readonly unknown[]>(branches: T): T {
  if (!Array.isArray(branches)) throw wrongType("the branches", "an array of functions", branches);
  for (const branch of branches) if (typeof branch !== "function") throw wrongType("a branch", "a function", branch);
  return branches;
}
