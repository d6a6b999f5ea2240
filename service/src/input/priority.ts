import { wrongType } from "@jobq/core";

/** The weights that priorities stand for; lower runs first. */
export const PRIORITIES = { critical: -200, high: -100, normal: 0, low: 100, bulk: 200 } as const;

/** A named weight. */
export type Priority = keyof typeof PRIORITIES;

/** @throws {TypeError} not the name of a priority */
export function weightOf(priority: Priority): number {
  if (Object.hasOwn(PRIORITIES, priority)) return PRIORITIES[priority];
  throw wrongType("priority", `one of ${Object.keys(PRIORITIES).join(", ")}`, priority);
}
