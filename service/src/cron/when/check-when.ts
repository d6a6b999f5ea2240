import { outOfRange, wrongType } from "@jobq/core";
import { cron } from "./cron.ts";
import { daily } from "./daily.ts";
import { every } from "./every.ts";
import { weekly } from "./weekly.ts";
import type { When } from "./when.ts";

/**
 * Checks data from elsewhere, such as parsed JSON, and returns it in the form that `every`, `daily`, `weekly` and
 * `cron` make.
 * @throws {TypeError | RangeError} the same errors as these functions, or data of none of the four types
 */
export function checkWhen(value: unknown): When {
  if (typeof value !== "object" || value === null)
    throw wrongType("when", 'what every, daily, weekly or cron returns, such as daily("09:00")', value);
  const when = value as When;
  switch (when.type) {
    case "every":
      return every(when.everyMs, { from: when.fromAt });
    case "daily":
      return daily(when.time);
    case "weekly":
      return weekly(when.day, when.time);
    case "cron":
      return cron(when.expression);
    default:
      throw outOfRange("when.type", "every, daily, weekly or cron", (when as { readonly type?: unknown }).type);
  }
}
