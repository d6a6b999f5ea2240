import { checkOptions, type JobLimit, type OptionNames } from "@jobq/core";
import { checkInteger, checkName, checkType } from "./check.ts";

const LIMIT_OPTIONS: OptionNames<JobLimit> = { key: true, concurrency: true };
const MAX_CONCURRENCY = 10_000;

/** @throws {TypeError | RangeError} not a key and a concurrency from 1 to 10,000 */
export function checkLimit(limit: JobLimit): JobLimit {
  checkOptions(checkType(limit, "object", "limit"), LIMIT_OPTIONS, "limit");
  const { key, concurrency } = limit;
  return {
    key: checkName(key, "limit.key"),
    concurrency: checkInteger(concurrency, "limit.concurrency", 1, MAX_CONCURRENCY),
  };
}
