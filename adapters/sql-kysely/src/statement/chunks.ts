/** A statement carries at most so many rows, and so many characters unless one row alone has more. */
const MAX_ROWS = 2_000;
const MAX_CHARACTERS = 2_000_000;

/** The items in order, in parts that one statement can carry. */
export function chunksOf<T>(items: readonly T[], sizeOf: (item: T) => number = () => 0): (readonly T[])[] {
  const chunks: T[][] = [];
  let size = 0;
  let chunk: T[] | undefined;
  for (const item of items) {
    size += sizeOf(item);
    if (!chunk || chunk.length >= MAX_ROWS || size > MAX_CHARACTERS) {
      chunk = [];
      chunks.push(chunk);
      size = sizeOf(item);
    }
    chunk.push(item);
  }
  return chunks;
}
