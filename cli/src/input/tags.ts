import { wrongType } from "@jobq/core";

/**
 * Tags of `name=value` or `name:value`.
 * @throws {TypeError} one of neither form
 */
export function tagsOf(texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (!texts || texts.length === 0) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=:]+)[=:](.+)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw wrongType("--tag", "name=value", text);
      return [name, value];
    }),
  );
}
