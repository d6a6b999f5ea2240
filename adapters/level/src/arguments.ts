import { received } from "@jobq/core";
import type { Level } from "./level.ts";
import { realPath } from "./real-path.ts";

/** What an acknowledged write survives: the machine, or only the process. */
export type Durability = "machine" | "process";

const METHODS = ["open", "close", "getMany", "batch", "iterator", "keys", "clear"] as const;

/**
 * Checks the argument of a repository: a path or an abstract-level database.
 * @throws {TypeError} anything else
 */
export function checkSource(name: string, source: unknown): asserts source is string | Level {
  if (typeof source === "string" && source !== "") return;
  const level = (source ?? {}) as Partial<Level>;
  if (typeof level.supports !== "object" || METHODS.some((method) => typeof level[method] !== "function")) {
    throw new TypeError(`${name} takes a path or an abstract-level database, got ${received(source)}`);
  }
}

/**
 * Returns whether writes wait for the disk.
 * @throws {TypeError} an unknown durability
 */
export function isSync(name: string, durability: unknown): boolean {
  if (durability === "machine" || durability === "process") return durability === "machine";
  throw new TypeError(`${name} takes the durability "machine" or "process", got ${received(durability)}`);
}

/** Resolves a path now, so that two sources that lead to the same files are equal; returns a database unchanged. */
export function realSource(source: string | Level): string | Level {
  return typeof source === "string" ? realPath(source) : source;
}

/** Returns whether written data survives the process. */
export function isDurable(source: string | Level): boolean {
  return typeof source === "string" || source.supports.permanence;
}
