import type { JobId } from "@jobq/core";

/**
 * The first of a list, at most `limit`, asked for page by page.
 * @param size the most that one question to a server returns
 * @param list returns at most so many of those that come after `last`
 */
export async function pagesOf<T extends { readonly id: JobId }>(
  limit: number,
  size: number,
  list: (last: JobId | undefined, most: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  while (all.length < limit) {
    const most = Math.min(size, limit - all.length);
    const page = await list(all.at(-1)?.id, most);
    all.push(...page);
    if (page.length < most) break;
  }
  return all;
}
