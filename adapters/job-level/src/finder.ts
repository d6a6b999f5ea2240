import { isFinal, type JobHead, type JobId, type JobQuery, matches } from "@jobq/core";
import { type Level, pagesOf, type RangeOptions, type ReadOptions } from "@jobq/level";
import { firstOf, type Pages } from "./first-of.ts";
import { isInState, readHead } from "./head-record.ts";
import { handOutHead } from "./keep-head.ts";
import {
  bundleKey,
  bundleRange,
  headKey,
  idOfHead,
  idOfMember,
  type KeyRange,
  PARTITIONS,
  type Partition,
  partitionOf,
  partitionRange,
} from "./keys.ts";
import { RecordReader } from "./record-reader.ts";
import type { WorkingSet } from "./working-set.ts";

const PAGE_BYTES = 256 * 1024;

/**
 * Answers a query from what is smallest: the reservations in memory, the members of a bundle, or the partitions that a
 * match can be in. Other conditions have no index: each would cost every job a write.
 */
export class Finder {
  readonly #query: JobQuery;
  readonly #memory: WorkingSet;
  readonly #level: Level;
  readonly #options: ReadOptions;
  /** As of the same instant as the snapshot in the options; empty where they do not matter. */
  readonly #reserved: ReadonlyMap<JobId, JobHead>;

  constructor(query: JobQuery, memory: WorkingSet, level: Level, options: ReadOptions) {
    this.#query = query;
    this.#memory = memory;
    this.#level = level;
    this.#options = options;
    const isOver = query.state !== undefined && isFinal(query.state);
    this.#reserved = isOver ? new Map() : memory.reservations.heads();
  }

  async find(): Promise<JobHead[]> {
    const { state, topic, group: bundle, leaseEndsBy, limit } = this.#query;
    if (state === "reserved" || leaseEndsBy !== undefined) return this.#findReserved();
    const most = Math.min(limit, this.#memory.counts.count(state, topic));
    if (most === 0) return [];
    const sources =
      bundle === undefined
        ? partitionsOf(this.#query).map((partition) => this.#inPartition(partition))
        : [this.#inBundle(bundle)];
    return firstOf(sources, most);
  }

  #findReserved(): JobHead[] {
    const found = [...this.#reserved.values()].filter((head) => matches(this.#query, head));
    found.sort((a, b) => (a.id < b.id ? -1 : 1));
    return found.slice(0, this.#query.limit).map(handOutHead);
  }

  async *#inPartition(partition: Partition): Pages {
    const records = this.#level.iterator(this.#range(partitionRange(partition), (id) => headKey(partition, id)));
    for await (const page of pagesOf(records)) yield page.flatMap(([key, record]) => this.#match(key, record) ?? []);
  }

  async *#inBundle(bundle: JobId): Pages {
    const reader = new RecordReader(this.#level, this.#options);
    const members = this.#level.keys(this.#range(bundleRange(bundle), (id) => bundleKey(bundle, id)));
    for await (const page of pagesOf(members)) {
      const heads = await reader.heads(page.map(idOfMember), this.#reserved);
      yield heads
        .filter((head) => head !== undefined && matches(this.#query, head))
        .map((head) => handOutHead(head as JobHead));
    }
  }

  #match(key: string, record: string): JobHead | undefined {
    const id = idOfHead(key);
    const reserved = this.#reserved.get(id);
    const { state } = this.#query;
    if (state !== undefined && (reserved || !isInState(record, state))) return undefined;
    const head = reserved ?? readHead(key, id, record);
    return matches(this.#query, head) ? handOutHead(head) : undefined;
  }

  #range(range: KeyRange, keyOf: (id: JobId) => string): RangeOptions {
    const { after } = this.#query;
    const start = after === undefined ? { gte: range.gte } : { gt: keyOf(after) };
    return { ...start, lt: range.lt, highWaterMarkBytes: PAGE_BYTES, ...this.#options };
  }
}

function partitionsOf({ state, reason, finishedBy }: JobQuery): Partition[] {
  if (state !== undefined) return [partitionOf(state)];
  if (reason !== undefined) return ["canceled"];
  const all = Object.keys(PARTITIONS) as Partition[];
  return finishedBy === undefined ? all : all.filter((partition) => partition !== "live");
}
