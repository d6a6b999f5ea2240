import { invalid } from "../fault.ts";
import { array, string } from "../schema/schema.ts";

/** Tags that jobs must have. */
export const tagSchema = array(string({ min: 3, max: 511 }), { max: 32 }).describe("as name:value; each of them");

/**
 * Tags by name.
 * @throws {Fault} validation_failed
 */
export function tagsOf(tags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tags.map((tag) => {
      const colon = tag.indexOf(":");
      if (colon < 1 || colon === tag.length - 1) throw invalid("tag", "tag must be a name, a colon and a value");
      return [tag.slice(0, colon), tag.slice(colon + 1)];
    }),
  );
}
