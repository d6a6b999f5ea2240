import type { JobId } from "@jobq/core";

/**
 * The first of a list, at most `limit`, asked for page by page.
 * @param size the most that one question to a server returns
 * @param list returns at most so many of those that come after `last`
 * @param passes which of them are wanted; all by default
 */
export async function pagesOf<T extends { readonly id: JobId }>(
  limit: number,
  size: number,
  list: (last: JobId | undefined, most: number) => Promise<readonly T[]>,
  passes?: (one: T) => boolean,
): Promise<T[]> {
  const all: T[] = [];
  let last: JobId | undefined;
  while (all.length < limit) {
    const most = passes ? size : Math.min(size, limit - all.length);
    const page = await list(last, most);
    all.push(...(passes ? page.filter(passes) : page));
    last = page.at(-1)?.id;
    if (page.length < most) break;
  }
  return all.slice(0, limit);
}
