import type { JobId } from "@jobq/core";
import { type Level, UTF8 } from "@jobq/level";
import { recordRanges } from "../layout/keys.ts";

/** So many jobs have to be removed, and so large a part of all there were, before it is worth a compaction. */
const FEWEST = 10_000;
const SMALLEST_PART = 1 / 4;

/** Where jobs were removed. */
export interface Gap {
  readonly first: JobId;
  readonly last: JobId;
}

/** Counts the jobs that are removed: LevelDB keeps what was deleted until it compacts, and left alone that may be long. */
export class Removals {
  #count = 0;
  #first: JobId | undefined;
  #last: JobId | undefined;

  add(ids: readonly JobId[]): void {
    this.#count += ids.length;
    for (const id of ids) {
      if (this.#first === undefined || id < this.#first) this.#first = id;
      if (this.#last === undefined || id > this.#last) this.#last = id;
    }
  }

  /** Where it is worth to give space back, if so many jobs are left; counts anew then. */
  take(left: () => number): Gap | undefined {
    const [first, last] = [this.#first, this.#last];
    if (this.#count < FEWEST || first === undefined || last === undefined) return undefined;
    if (this.#count < (left() + this.#count) * SMALLEST_PART) return undefined;
    this.#count = 0;
    this.#first = undefined;
    this.#last = undefined;
    return { first, last };
  }
}

/** Gives the space of removed jobs back, where the database can. */
export async function giveSpaceBack(level: Level, { first, last }: Gap): Promise<void> {
  if (!level.supports.additionalMethods.compactRange) return;
  for (const { gte, lt } of recordRanges(first, last)) await level.compactRange?.(gte, lt, UTF8);
}
