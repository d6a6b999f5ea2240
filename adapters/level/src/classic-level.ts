import { JobqError } from "@jobq/core";
import type { Level } from "./level.ts";
import { realPath } from "./real-path.ts";

/**
 * Four times as much as classic-level gives itself: much of what a queue writes is outdated soon, and to compact it
 * costs more than to write it.
 */
const WRITE_BUFFER = 16 * 1024 * 1024;

/** Makes the database of a path when it is first asked for; it stays closed until somebody opens it. */
export function classicLevel(path: string, name: string): () => Promise<Level> {
  let level: Level | undefined;
  return async () => {
    if (level) return level;
    const ClassicLevel = await load(name);
    level ??= new ClassicLevel(realPath(path), { writeBufferSize: WRITE_BUFFER });
    await level.close(); // It would open itself, before anybody has seen to it that nobody else has it.
    return level;
  };
}

async function load(name: string): Promise<typeof import("classic-level").ClassicLevel> {
  try {
    return (await import("classic-level")).ClassicLevel;
  } catch (cause) {
    throw new JobqError("STORE_FAILED", `the ${name} needs the package classic-level to open a path`, { cause });
  }
}
