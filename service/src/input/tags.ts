import { wrongType } from "@jobq/core";
import { checkInteger, checkName, checkType } from "./check.ts";

const MAX_TAGS = 32;

/** @throws {TypeError | RangeError} tags that are not a small record of strings */
export function checkTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  if (Array.isArray(checkType(tags, "object", "tags"))) throw wrongType("tags", "a record of strings", tags);
  const entries = Object.entries(tags);
  checkInteger(entries.length, "the number of tags", 0, MAX_TAGS);
  return Object.fromEntries(
    entries.map(([key, value]) => [checkName(key, "a tag's name"), checkName(value, `tag ${key}`)]),
  );
}
