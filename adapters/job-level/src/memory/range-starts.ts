import type { KeyRange } from "../layout/keys.ts";

/** How many ranges are remembered; those that nobody asked for lately are forgotten. */
const MAX_RANGES = 10_000;

/** A walk over a range, of the keys there were when it began. */
export interface RangeWalk {
  /** No key of the range sorts before this one. */
  readonly start: string;
  /** What the walk met first; undefined when the range was empty. */
  found(first: string | undefined): void;
  /** To be called when the walk is over, whether it found anything or not. */
  end(): void;
}

interface RangeStart {
  at: string;
  readonly walks: Set<{ lowest: string | undefined }>;
}

/**
 * Where ranges begin: LevelDB keeps deleted keys until it compacts, and passes them one by one when it looks for the
 * first, so that what was at the head of a range is passed once and not at every walk.
 */
export class RangeStarts {
  readonly #starts = new Map<string, RangeStart>();

  /** To be called at the instant as of which the range is read. */
  walk({ gte, lt }: KeyRange): RangeWalk {
    const start = this.#starts.get(gte) ?? { at: gte, walks: new Set() };
    this.#starts.delete(gte);
    this.#starts.set(gte, start);
    if (this.#starts.size > MAX_RANGES) this.#forgetOldest();
    const walk = { lowest: undefined as string | undefined };
    start.walks.add(walk);
    return {
      start: start.at,
      found: (first = lt) => {
        const { lowest = first } = walk;
        const at = lowest < first ? lowest : first;
        if (at > start.at) start.at = at;
      },
      end: () => void start.walks.delete(walk),
    };
  }

  /** Whether somebody has walked over the range: of others, added keys need not be told. */
  isKnown({ gte }: KeyRange): boolean {
    return this.#starts.has(gte);
  }

  /** A key of the range has been written. */
  added({ gte }: KeyRange, key: string): void {
    const start = this.#starts.get(gte);
    if (!start) return;
    if (key < start.at) start.at = key;
    for (const walk of start.walks) if (walk.lowest === undefined || key < walk.lowest) walk.lowest = key;
  }

  #forgetOldest(): void {
    for (const [gte, { walks }] of this.#starts) {
      if (walks.size > 0) continue;
      this.#starts.delete(gte);
      return;
    }
  }
}
