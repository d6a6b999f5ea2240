import { invalid } from "../fault.ts";
import { array, string } from "../schema/schema.ts";
import { nameSchema } from "../wire/submission.ts";

/** Tags that jobs must have. */
export const tagSchema = array(string({ min: 3, max: 511 }), { max: 32 }).describe("as name:value; each of them");

/** The group that jobs must be in. */
export const groupSchema = nameSchema.describe("in this group: the id of a bundle, for its members");

/**
 * Tags by name.
 * @throws {Fault} validation_failed
 */
export function tagsOf(tags: readonly string[]): Readonly<Record<string, string>> {
  const byName = new Map<string, string>();
  for (const tag of tags) {
    const colon = tag.indexOf(":");
    if (colon < 1 || colon === tag.length - 1) throw invalid("tag", "tag must be a name, a colon and a value");
    const [name, value] = [tag.slice(0, colon), tag.slice(colon + 1)];
    // No job has both; with the last alone, a retry of many would reach jobs that were not meant.
    if ((byName.get(name) ?? value) !== value) throw invalid("tag", "tag must have one value for each name");
    byName.set(name, value);
  }
  return Object.fromEntries(byName);
}
