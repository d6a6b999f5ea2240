import type { Timestamp } from "@jobq/core";
import type { Weekday } from "./weekly.ts";

/**
 * When a schedule is due: plain data, made by `every`, `daily`, `weekly` and `cron`. It survives JSON, so that any
 * process computes the same instants from it; two that say the same are equal as JSON.
 */
export type When =
  | { readonly type: "every"; readonly everyMs: number; readonly fromAt: Timestamp }
  | { readonly type: "daily"; readonly time: string }
  | { readonly type: "weekly"; readonly day: Weekday; readonly time: string }
  | { readonly type: "cron"; readonly expression: string };
