import type { JobHead, JobQuery } from "@jobq/core";

/** Heads by id, in pages of any size. */
export type Pages = AsyncGenerator<readonly JobHead[], void>;

/** The first heads by id of several sources, each in that order, at most `limit`; lets go of the sources. */
export async function firstOf(
  sources: readonly Pages[],
  limit: number,
  order: JobQuery["order"] = "oldest",
): Promise<JobHead[]> {
  const comesBefore = (a: JobHead, b: JobHead): boolean => (order === "newest" ? a.id > b.id : a.id < b.id);
  const found: JobHead[] = [];
  const queues = sources.map((pages) => new Queue(pages));
  try {
    while (found.length < limit) {
      let first: Queue | undefined;
      for (const queue of queues) {
        if (queue.isEmpty) await queue.fill();
        if (queue.head && (!first?.head || comesBefore(queue.head, first.head))) first = queue;
      }
      if (!first?.head) break;
      found.push(first.head);
      first.shift();
    }
  } finally {
    await Promise.all(sources.map((pages) => pages.return()));
  }
  return found;
}

/** What is read of one source but not taken yet. */
class Queue {
  readonly #pages: Pages;
  #page: readonly JobHead[] = [];
  #at = 0;
  #hasEnded = false;

  constructor(pages: Pages) {
    this.#pages = pages;
  }

  get head(): JobHead | undefined {
    return this.#page[this.#at];
  }

  get isEmpty(): boolean {
    return !this.#hasEnded && this.#at === this.#page.length;
  }

  shift(): void {
    this.#at++;
  }

  async fill(): Promise<void> {
    this.#at = 0;
    do {
      const { value, done } = await this.#pages.next();
      this.#page = value ?? [];
      this.#hasEnded = done === true;
    } while (this.isEmpty);
  }
}
