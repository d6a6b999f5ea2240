import { backOff } from "./back-off.ts";
import type { Run } from "./run.ts";

/** A transaction that waited longer for its lock has rivals; for a while after, each leaves them a gap of about so long. */
const WAITED_MS = 5;
const RIVALS_FOR_MS = 1_000;
const GAP_MS = 8;

/** What is under way on a file in this process. */
interface Turns {
  /** Until the last of them has ended, and left its gap. */
  end: Promise<unknown>;
  /** When one last had to wait for another process. */
  waitedAt: number;
}

const files = new Map<string, Turns>();

/**
 * Does the work in a transaction that can write from the start, so that it never has to give way half-done, and when
 * no other transaction of ours is under way on the file, on any connection of this process: one that waits inside
 * SQLite would stop the very process that has to finish the other.
 */
export async function inTurn<T>(file: string | undefined, run: Run, work: () => Promise<T>): Promise<T> {
  if (file === undefined) return immediately(run, work);
  const turns = files.get(file) ?? { end: Promise.resolve(), waitedAt: Number.NEGATIVE_INFINITY };
  files.set(file, turns);
  const turn = turns.end.then(() => {
    const asked = performance.now();
    const begun = (): void => {
      if (performance.now() - asked > WAITED_MS) turns.waitedAt = performance.now();
    };
    return immediately(run, work, begun);
  });
  turns.end = turn.then(leaveGap, leaveGap);
  return turn;

  // SQLite's waiting is to look again every now and then: without gaps those who wait would not get in.
  function leaveGap(): Promise<void> | undefined {
    const rivals = performance.now() - turns.waitedAt < RIVALS_FOR_MS;
    return rivals ? backOff(GAP_MS, GAP_MS) : undefined;
  }
}

async function immediately<T>(run: Run, work: () => Promise<T>, begun = (): void => {}): Promise<T> {
  await run("begin immediate");
  begun();
  try {
    const answer = await work();
    await run("commit");
    return answer;
  } catch (error) {
    await run("rollback").catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
