import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";

/** A new directory, and what takes it away again. */
export async function directory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "jobq-level-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Spoils the record of a job's head in a database that nobody has open. */
export async function damageHead(path: string, id: string): Promise<void> {
  const db = new ClassicLevel<string, string>(path);
  for (const key of await db.keys({ gte: "jobq:j", lt: "jobq:k" }).all()) {
    if (/^jobq:j[ldc]/.test(key) && key.endsWith(id)) await db.put(key, "2r[1,");
  }
  await db.close();
}
