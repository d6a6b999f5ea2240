import { jsonRecord, type Level, type LevelBatch, readJson, UTF8, unreadable } from "@jobq/level";
import { COUNTER_KEY } from "../layout/keys.ts";

type Counter = readonly [limit: number, soloAt: number];

/** How many numbers are set aside at a time; what is left of them at a death is never used. */
const BLOCK = 65_536;

/** The number of the next batch. */
export interface NextBatch {
  readonly number: number;
  /** Whether nothing else follows the jobs in the same batch. */
  readonly isSolo: boolean;
  /** What has to be stored with it, if anything. */
  readonly counter: Counter | undefined;
}

/** Numbers the batches; numbers grow for ever, though only one in many is stored. */
export class Batches {
  #next: number;
  #limit: number;
  #soloAt: number;
  #isSolo = false;

  private constructor([limit, soloAt]: Counter) {
    this.#next = limit;
    this.#limit = limit;
    this.#soloAt = soloAt;
  }

  static async load(level: Level): Promise<Batches> {
    const [record] = await level.getMany([COUNTER_KEY], UTF8);
    if (record === undefined) return new Batches([1, 0]);
    const counter = readJson<Counter>(COUNTER_KEY, record);
    if (!Array.isArray(counter) || !counter.every(Number.isSafeInteger)) throw unreadable(COUNTER_KEY, record);
    return new Batches(counter);
  }

  /** The first of the latest batches that nothing followed; 0 when there was none. */
  get soloAt(): number {
    return this.#soloAt;
  }

  /** The latest batch; whatever follows the jobs has caught up with it. */
  mark(): number {
    this.#isSolo = false;
    return this.#next - 1;
  }

  next(isSolo: boolean): NextBatch {
    const number = this.#next;
    const startsSolo = isSolo && !this.#isSolo;
    if (number < this.#limit && !startsSolo) return { number, isSolo, counter: undefined };
    return { number, isSolo, counter: [number + BLOCK, startsSolo ? number : this.#soloAt] };
  }

  /** The batch has been written. */
  adopt({ number, isSolo, counter }: NextBatch): void {
    this.#next = number + 1;
    this.#isSolo = isSolo;
    if (counter) [this.#limit, this.#soloAt] = counter;
  }
}

/** Adds the record of the numbers to a batch, if it has to change. */
export function writeCounter(batch: LevelBatch, { counter }: NextBatch): void {
  if (counter) batch.put(COUNTER_KEY, jsonRecord(counter));
}
