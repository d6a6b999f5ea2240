import { type Duration, durationMs, wrongType } from "@jobq/core";

const PARTS = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/**
 * A duration as people write it, such as `30s`, `1h30m` or `7d`.
 * @throws {TypeError} not of that form, which the message names
 */
export function duration(text: string, what: string): number {
  if (text === "0") return 0;
  if (!PARTS.test(text)) throw wrongType(what, "a duration such as 30s, 1h30m or 7d", text);
  const parts = text.match(/\d+(?:\.\d+)?(?:ms|s|m|h|d)/g) ?? [];
  return parts.reduce((sum, part) => sum + durationMs(part as Duration, what), 0);
}
