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

/**
 * Imported by a name that bundlers do not see: they would put the native package into a bundle for the browser, where
 * it cannot be, or fail because it is not installed.
 */
const importModule = (specifier: string): Promise<unknown> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);

async function load(name: string): Promise<typeof import("classic-level").ClassicLevel> {
  try {
    return ((await importModule("classic-level")) as typeof import("classic-level")).ClassicLevel;
  } catch (cause) {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    const what =
      code === "ERR_MODULE_NOT_FOUND"
        ? "needs the package classic-level to open a path"
        : `cannot load the package classic-level: ${message}`;
    throw new JobqError("STORE_FAILED", `the ${name} ${what}`, { cause });
  }
}
