import type { History } from "./history.ts";
import type { Step } from "./script.ts";

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
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = best.steps.length - size; at > -size; at -= size) {
      const from = Math.max(at, 0);
      await better(best.steps.toSpliced(from, at + size - from));
    }
  }
  for (let at = best.steps.length - 1; at >= 0; at--) {
    for (const simpler of simplerThan(best.steps[at])) await better(best.steps.with(at, simpler));
  }
  return best;
}

/** The step in order, and the step in peace. */
function* simplerThan(step: Step | undefined): Generator<Step> {
  if (!step) return;
  if (step.salt !== 0) yield { ...step, salt: 0 };
  if (step.rounds !== undefined) yield { number: step.number, act: step.act, salt: 0 };
}
