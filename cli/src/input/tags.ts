import { wrongType } from "@jobq/core";

/**
 * Tags of `name=value` or `name:value`.
 * @throws {TypeError} one of neither form, or two of a name
 */
export function tagsOf(texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (!texts || texts.length === 0) return undefined;
  const tags = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] = /^([^=:]+)[=:](.+)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) throw wrongType("--tag", "name=value", text);
    // The last of them would be all that counts, and pick jobs that were not meant.
    if ((tags.get(name) ?? value) !== value) throw wrongType("--tag", `one value of ${name}`, text);
    tags.set(name, value);
  }
  return Object.fromEntries(tags);
}
