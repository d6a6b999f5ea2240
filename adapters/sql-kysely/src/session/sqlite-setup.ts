import { JobqError } from "@jobq/core";
import type { Run } from "./run.ts";

/** What an acknowledged write survives on SQLite: a crash of the machine, or only of the process. */
export type Durability = "machine" | "process";

/** How long SQLite waits at least for another process; this one stands still meanwhile. */
const MIN_BUSY_MS = 15_000;

/** The file of a database, undefined when it lives in memory. */
export async function fileOf(run: Run, schema: string): Promise<string | undefined> {
  const databases = await run("pragma database_list");
  return (databases.find(({ name }) => name === schema)?.file as string | null) || undefined;
}

/**
 * Sees to it that several processes may read while one writes, and that what was committed is on the disk.
 * @throws {JobqError} STORE_FAILED when SQLite does not comply
 */
export async function setUpSqlite(run: Run, durability: Durability): Promise<void> {
  await run("pragma journal_mode = wal");
  await run(`pragma synchronous = ${durability === "machine" ? "full" : "normal"}`);
  const found = [String(await setting(run, "journal_mode")), String(await setting(run, "synchronous"))];
  const wanted = [found[0] === "memory" ? "memory" : "wal", durability === "machine" ? "2" : "1"];
  if (found.join() !== wanted.join()) {
    const message = `SQLite must run with journal_mode and synchronous ${wanted}, but has ${found}`;
    throw new JobqError("STORE_FAILED", message);
  }
}

/** Has the connection wait for locks. */
export async function setBusyTimeout(run: Run): Promise<void> {
  const found = Number(await setting(run, "busy_timeout"));
  if (found < MIN_BUSY_MS) await run(`pragma busy_timeout = ${MIN_BUSY_MS}`);
}

async function setting(run: Run, name: string): Promise<unknown> {
  return Object.values((await run(`pragma ${name}`))[0] ?? {})[0];
}
