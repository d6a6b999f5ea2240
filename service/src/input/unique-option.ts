import { checkOptions, type Duration, durationMs, type OptionNames, type UniqueSpan, wrongType } from "@jobq/core";
import { checkName, checkType } from "./check.ts";

/** A unique key with its rules. */
export interface UniqueOption {
  /** 1 to 255 characters. */
  readonly key: string;
  /**
   * How long a job holds the key: until it is first reserved (`queued`), until it has ended (`live`, the default), or
   * as long as it is stored (`kept`).
   */
  readonly while?: "queued" | "live" | "kept" | undefined;
  /** The key is free after this long from the enqueue at the latest; no limit by default. */
  readonly for?: Duration | undefined;
  /**
   * What happens if another job holds the key. `return`, the default: its id is returned. `throw`: the call rejects
   * with DUPLICATE_JOB. `replace`: the other job is canceled and this one stored; if the other one is reserved, the
   * call rejects.
   */
  readonly onConflict?: "return" | "throw" | "replace" | undefined;
}

const UNIQUE_OPTIONS: OptionNames<UniqueOption> = { key: true, while: true, for: true, onConflict: true };

/** A unique key, checked, with what is not said filled in. */
export interface UniqueRule {
  readonly key: string;
  readonly span: UniqueSpan | undefined;
  readonly forMs: number;
  readonly onConflict: "return" | "throw" | "replace";
}

/** @throws {TypeError | RangeError} an invalid option */
export function uniqueRule(unique: string | UniqueOption): UniqueRule {
  const option = typeof unique === "string" ? { key: unique } : checkType(unique, "object", "unique, if no string,");
  checkOptions(option, UNIQUE_OPTIONS, "unique");
  const { key, while: span = "live", for: most, onConflict = "return" } = option as UniqueOption;
  if (!["queued", "live", "kept"].includes(span)) throw wrongType("unique.while", "one of queued, live, kept", span);
  if (!["return", "throw", "replace"].includes(onConflict)) {
    throw wrongType("unique.onConflict", "one of return, throw, replace", onConflict);
  }
  return {
    key: checkName(key, typeof unique === "string" ? "unique" : "unique.key"),
    span: span === "live" ? undefined : span,
    forMs: most === undefined ? Infinity : durationMs(most, "unique.for"),
    onConflict,
  };
}
