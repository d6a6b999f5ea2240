import { outOfRange, wrongType } from "@jobq/core";
import { cronPattern } from "./cron-pattern.ts";
import type { When } from "./when.ts";

/** Longer than any expression that somebody could read. */
const LONGEST = 255;

/**
 * Due as a cron expression says, in the schedule's time zone: 5 fields, or 6 with seconds in front; with names, lists,
 * ranges, steps, `L`, `W` and `#`; or a nickname such as `"@daily"`.
 * @throws {TypeError} not a string
 * @throws {RangeError} an invalid expression, or one that is never due, such as the 30th of February
 */
export function cron(expression: string): When & { type: "cron" } {
  if (typeof expression !== "string")
    throw wrongType("the cron expression", 'a string like "0 9 * * MON-FRI"', expression);
  const words = expression.trim().split(/\s+/).join(" ");
  const fields = words.split(" ").length;
  const form = words.startsWith("@") || fields === 5 || fields === 6;
  if (!form || words.length > LONGEST) throw outOfRange("the cron expression", FORM, expression);
  let pattern: ReturnType<typeof cronPattern>;
  try {
    pattern = cronPattern(words, "UTC");
  } catch (error) {
    const { message } = outOfRange("the cron expression", FORM, expression);
    throw new RangeError(`${message}: ${(error as Error).message}`, { cause: error });
  }
  if (!pattern.nextRun(new Date(0))) throw outOfRange("the cron expression", "satisfied by some instant", expression);
  return { type: "cron", expression: words };
}

const FORM = "5 fields, 6 with seconds, or a nickname such as @daily";
