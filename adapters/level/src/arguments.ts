import { received } from "@jobq/core";
import type { Level } from "./level.ts";
import { realPath } from "./real-path.ts";

/** What an acknowledged change survives. */
export type Durability = "machine" | "process";

const METHODS = ["open", "close", "getMany", "batch", "iterator", "keys", "clear"] as const;

/** @throws {TypeError} unless it is a path or an abstract-level database */
export function checkSource(name: string, source: unknown): asserts source is string | Level {
  if (typeof source === "string" && source !== "") return;
  const level = (source ?? {}) as Partial<Level>;
  if (typeof level.supports !== "object" || METHODS.some((method) => typeof level[method] !== "function")) {
    throw new TypeError(`${name} takes a path or an abstract-level database, got ${received(source)}`);
  }
}

/**
 * Whether writes have to wait for the disk.
 * @throws {TypeError} the durability is unknown
 */
export function isSync(name: string, durability: unknown): boolean {
  if (durability === "machine" || durability === "process") return durability === "machine";
  throw new TypeError(`${name} takes the durability "machine" or "process", got ${received(durability)}`);
}

/** The source such that two that lead to the same files by path are equal: a path is taken as it leads now. */
export function realSource(source: string | Level): string | Level {
  return typeof source === "string" ? realPath(source) : source;
}

/** Whether what is written outlives the process. */
export function isDurable(source: string | Level): boolean {
  return typeof source === "string" || source.supports.permanence;
}
