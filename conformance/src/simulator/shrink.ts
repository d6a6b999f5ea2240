import type { History } from "./history.ts";
import type { JobPlan, Step } from "./script.ts";

/** How many plays a shrinking may take. */
const MAX_PLAYS = 400;

/**
 * The shortest script it finds that breaks the same promise: it leaves out ever smaller parts, then makes what is left
 * as orderly as it can.
 */
export async function shrink(first: History, play: (steps: readonly Step[]) => Promise<History>): Promise<History> {
  let best = first;
  let plays = 0;
  const better = async (steps: readonly Step[]): Promise<boolean> => {
    if (plays++ >= MAX_PLAYS) return false;
    const history = await play(steps);
    if (history.violation?.promised !== first.violation?.promised) return false;
    best = history;
    return true;
  };
  const leaveOut = async (size: number): Promise<void> => {
    for (let at = best.steps.length - size; at > -size; at -= size) {
      const from = Math.max(at, 0);
      await better(best.steps.toSpliced(from, at + size - from));
    }
  };
  const simplify = async (at: number): Promise<boolean> => {
    for (const simpler of simplerThan(best.steps[at])) if (await better(best.steps.with(at, simpler))) return true;
    return false;
  };
  for (let size = Math.ceil(best.steps.length / 2); size > 1; size = Math.ceil(size / 2)) await leaveOut(size);
  await leaveOut(1);
  for (let at = best.steps.length - 1; at >= 0; at--) while (await simplify(at));
  await leaveOut(1);
  return best;
}

/** The step in order, the step in peace, and with less that is asked for. */
function* simplerThan(step: Step | undefined): Generator<Step> {
  if (!step) return;
  const { number, act, salt, rounds } = step;
  if (salt !== 0) yield { ...step, salt: 0 };
  if (rounds !== undefined) yield { number, act, salt: 0 };
  if (act.type !== "enqueue") return;
  for (const jobs of simplerJobs(act.jobs)) yield { ...step, act: { ...act, jobs } };
}

/** One of them less, or one of them plainer. */
function* simplerJobs(jobs: readonly JobPlan[]): Generator<readonly JobPlan[]> {
  for (const [at, { after, limit, unique, ...plain }] of jobs.entries()) {
    if (jobs.length > 1) yield jobs.toSpliced(at, 1).map((job) => withoutBundle(job, plain.label));
    if (after ?? limit ?? unique) yield jobs.with(at, plain);
  }
}

function withoutBundle(job: JobPlan, bundle: string): JobPlan {
  const { memberOf, ...single } = job;
  return memberOf === bundle ? single : job;
}
