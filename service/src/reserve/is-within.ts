import type { WriteOptions } from "../store/within.ts";

/** True for `{ within }` in place of a result: a transaction is nothing that could be kept as one. */
export function isWithin(result: unknown): result is WriteOptions {
  const within = (result as WriteOptions | null | undefined)?.within;
  if (typeof within !== "object" || within === null) return false;
  const plain: unknown[] = [Object.prototype, Array.prototype, null];
  return Object.keys(result as WriteOptions).join() === "within" && !plain.includes(Object.getPrototypeOf(within));
}
