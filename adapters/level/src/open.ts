import { JobqError } from "@jobq/core";
import { holderOf, sign, unsign } from "./holder.ts";
import type { Level } from "./level.ts";
import { takeForTab } from "./tab-lock.ts";

/**
 * Four times as much as classic-level gives itself: much of what a queue writes is outdated soon, and to compact it
 * costs more than to write it.
 */
const WRITE_BUFFER = 16 * 1024 * 1024;

/** Makes the database of a path when it is first asked for. */
export function classicLevel(path: string, name: string): () => Promise<Level> {
  let level: Level | undefined;
  return async () => {
    try {
      const { ClassicLevel } = await import("classic-level");
      level ??= new ClassicLevel(path, { writeBufferSize: WRITE_BUFFER });
      return level;
    } catch (cause) {
      throw new JobqError("STORE_FAILED", `the ${name} needs the package classic-level to open a path`, { cause });
    }
  };
}

/**
 * Opens a database that is not open yet.
 * @throws {JobqError} `STORE_LOCKED` when another process has it open
 */
export async function open(level: Level): Promise<void> {
  try {
    if (level.status !== "open") await level.open();
  } catch (error) {
    if (!isLocked(error)) throw error;
    const location = locationOf(level) ?? "";
    const { text, holder } = await holderOf(location);
    throw locked(location, text, error, holder);
  }
}

/**
 * Holds an open database for this process, or this tab, and leaves word of it; answers how to let go.
 * @throws {JobqError} `STORE_LOCKED` when another tab has it
 */
export async function hold(level: Level): Promise<() => Promise<void>> {
  const location = locationOf(level);
  const letGo = await takeForTab(level, location).catch((cause: unknown) => {
    throw locked(location, "another tab has it open", cause);
  });
  if (location !== undefined) await sign(location);
  return async () => {
    letGo();
    if (location !== undefined) await unsign(location);
  };
}

function locked(location: string | undefined, who: string, cause: unknown, details?: object): JobqError {
  const message = `the database ${location} is locked: ${who}`;
  return new JobqError("STORE_LOCKED", message, { cause, details: { location, ...details } });
}

function isLocked(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  return code === "LEVEL_LOCKED" || cause?.code === "LEVEL_LOCKED";
}

function locationOf(level: Level): string | undefined {
  const { location } = level as { readonly location?: unknown };
  return typeof location === "string" ? location : undefined;
}
