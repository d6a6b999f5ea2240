import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new directory, and what takes it away again. */
export async function directory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "jobq-level-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
