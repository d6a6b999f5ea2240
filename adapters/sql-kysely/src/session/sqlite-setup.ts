import { JobqError } from "@jobq/core";
import type { Run } from "./run.ts";

/** What an acknowledged write outlives on SQLite: a crash of the machine, or only one of the process. */
export type Durability = "machine" | "process";

/** How long SQLite waits for another process; this one stands still meanwhile. */
const BUSY_TIMEOUT_MS = 15_000;

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
  const patience = await setBusyTimeout(run);
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
export async function setBusyTimeout(run: Run): Promise<number> {
  const patience = Math.max(Number(await setting(run, "busy_timeout")), BUSY_TIMEOUT_MS);
  await run(`pragma busy_timeout = ${patience}`);
  return patience;
}

async function setting(run: Run, name: string): Promise<unknown> {
  return Object.values((await run(`pragma ${name}`))[0] ?? {})[0];
}
