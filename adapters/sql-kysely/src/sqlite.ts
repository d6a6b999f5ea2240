import { JobqError } from "@jobq/core";
import type { Run } from "./open-store.ts";
import { pause } from "./pause.ts";

/** What an acknowledged write outlives on SQLite: a crash of the machine, or only one of the process. */
export type Durability = "machine" | "process";

/** How long SQLite waits for another process; this one stands still meanwhile. */
const BUSY_TIMEOUT_MS = 15_000;

/** A transaction that waited longer for its lock has rivals; for a while after, each leaves them a gap of about so long. */
const WAITED_MS = 5;
const RIVALS_FOR_MS = 1_000;
const GAP_MS = 8;

/** The file of a database, undefined when it lives in memory. */
export async function fileOf(run: Run, schema: string): Promise<string | undefined> {
  const databases = await run("pragma database_list");
  return (databases.find(({ name }) => name === schema)?.file as string | null) || undefined;
}

/**
 * Sees to it that several processes may read while one writes, that a writer waits for its turn, and that what was
 * committed is on the disk.
 * @throws {JobqError} STORE_FAILED when SQLite does not comply
 */
export async function setUpSqlite(run: Run, durability: Durability): Promise<void> {
  const patience = await bePatient(run);
  await run("pragma journal_mode = wal");
  await run(`pragma synchronous = ${durability === "machine" ? "full" : "normal"}`);
  const found: string[] = [];
  for (const name of ["journal_mode", "synchronous", "busy_timeout"]) found.push(String(await setting(run, name)));
  const wanted = [found[0] === "memory" ? "memory" : "wal", durability === "machine" ? "2" : "1", `${patience}`];
  if (found.join() !== wanted.join()) {
    const message = `SQLite must run with journal_mode, synchronous and busy_timeout ${wanted}, but has ${found}`;
    throw new JobqError("STORE_FAILED", message);
  }
}

/** Makes the connection wait for locks; answers for how long. */
export async function bePatient(run: Run): Promise<number> {
  const patience = Math.max(Number(await setting(run, "busy_timeout")), BUSY_TIMEOUT_MS);
  await run(`pragma busy_timeout = ${patience}`);
  return patience;
}

async function setting(run: Run, name: string): Promise<unknown> {
  return Object.values((await run(`pragma ${name}`))[0] ?? {})[0];
}

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
    return rivals ? pause(GAP_MS, GAP_MS) : undefined;
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
