import { type LevelIterator, pagesOf, type RangeOptions, type ReadOptions } from "@jobq/level";
import type { KeyRange } from "../layout/keys.ts";
import type { RangeWalk } from "../memory/range-starts.ts";

const PAGE_BYTES = 256 * 1024;
const LARGEST_PAGE = 1_000;
const SMALLEST_PAGE = 10;

/** What of a range to read. */
export interface RangeQuery {
  readonly range: KeyRange;
  /** Only what comes after this key. */
  readonly after: string | undefined;
  /** Only what comes before this one. */
  readonly before: string | undefined;
  readonly isReverse: boolean;
  /** How many are wanted at most. */
  readonly limit: number;
}

/** What is in a range, in pages; `walk` learns where the range begins, if that is where this reads. */
export async function* rangePages<T>(
  open: (options: RangeOptions) => LevelIterator<T>,
  keyOf: (item: T) => string,
  { range, after, before, isReverse, limit }: RangeQuery,
  walk: RangeWalk,
  options: ReadOptions,
): AsyncGenerator<readonly T[], void> {
  const isFromStart = after === undefined || after < walk.start;
  const items = open({
    ...(isFromStart ? { gte: walk.start } : { gt: after }),
    lt: before !== undefined && before < range.lt ? before : range.lt,
    reverse: isReverse,
    highWaterMarkBytes: PAGE_BYTES,
    ...options,
  });
  const size = Math.min(Math.max(limit, SMALLEST_PAGE), LARGEST_PAGE);
  let isFirst = isFromStart && !isReverse && before === undefined;
  for await (const page of pagesOf(items, size)) {
    if (isFirst) walk.found(keyOf(page[0] as T));
    isFirst = false;
    yield page;
  }
  if (isFirst) walk.found(undefined);
}
