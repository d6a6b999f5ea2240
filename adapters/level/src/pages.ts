import type { LevelIterator } from "./level.ts";

const PAGE = 1_000;

/** Yields the items of an iterator in pages, none of them empty; closes it at the end, or when the caller stops. */
export async function* pagesOf<T>(iterator: LevelIterator<T>, size: number = PAGE): AsyncGenerator<T[], void> {
  try {
    for (let page = await iterator.nextv(size); page.length > 0; page = await iterator.nextv(size)) yield page;
  } finally {
    await iterator.close();
  }
}
