import { backOff } from "./back-off.ts";
import type { Run } from "./run.ts";

/** A transaction that waited longer has met one of another process. */
const WAITED_MS = 5;

/** For so long after a transaction met one of another process, each leaves those a gap of about so long. */
const RIVALS_FOR_MS = 1_000;
const GAP_MS = 8;

/** What is under way on a file in this process. */
interface Turns {
  /** Until the last of them has ended, and left its gap. */
  end: Promise<unknown>;
  /** When one last met a transaction of another process. */
  metAt: number;
}

const files = new Map<string, Turns>();

/**
 * Does the work in a transaction that can write from the start, so that it never has to give way half-done, and when
 * no other transaction of ours is under way on the file, on any connection of this process: one that waits inside
 * SQLite would stop the very process that has to finish the other.
 */
export async function inTurn<T>(file: string | undefined, run: Run, work: () => Promise<T>): Promise<T> {
  if (file === undefined) {
    await begin(run);
    return begun(run, work);
  }
  const turns = files.get(file) ?? { end: Promise.resolve(), metAt: Number.NEGATIVE_INFINITY };
  files.set(file, turns);
  const turn = turns.end.then(async () => {
    const asked = performance.now();
    try {
      await begin(run);
    } finally {
      if (performance.now() - asked > WAITED_MS) turns.metAt = performance.now();
    }
    return begun(run, work);
  });
  turns.end = turn.then(leaveGap, leaveGap);
  return turn;

  // Those who wait look again every now and then: without gaps they would not get in.
  function leaveGap(): Promise<void> | undefined {
    const rivals = performance.now() - turns.metAt < RIVALS_FOR_MS;
    return rivals ? backOff(GAP_MS) : undefined;
  }
}

/**
 * While a statement that met a lock is open, nothing can be committed on its connection, and libsql keeps it open until it
 * is collected: so the error must not hold on to it, which it does until its stack is read.
 */
async function begin(run: Run): Promise<void> {
  try {
    await run("begin immediate");
  } catch (error) {
    void (error as Error).stack;
    throw error;
  }
}

/** Does the work in the transaction that was begun, and ends it. */
async function begun<T>(run: Run, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await run("commit");
    return result;
  } catch (error) {
    await run("rollback").catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
