import { isFinal, type JobHead, type JobId, type JobQuery, matches } from "@jobq/core";
import type { Level, ReadOptions } from "@jobq/level";
import {
  AWAITING_GROUP,
  headKey,
  idIn,
  idKey,
  idOfHead,
  type KeyRange,
  membersRange,
  OWING_END,
  PARTITIONS,
  type Partition,
  partitionOf,
  partitionRange,
  WAITING_FOR_SLOT,
} from "../layout/keys.ts";
import type { RangeWalk } from "../memory/range-starts.ts";
import type { WorkingSet } from "../memory/working-set.ts";
import { isInState, readHead } from "../record/head-record.ts";
import { handOutHead } from "../record/keep-head.ts";
import { RecordReader } from "../record/record-reader.ts";
import { firstOf, type Pages } from "./first-of.ts";
import { rangePages } from "./range-pages.ts";
import { waitingIds } from "./waiting-jobs.ts";

const PAGE = 200;

/**
 * Runs a query over what is smallest: what is in memory, an index of what few jobs have, or the partitions that a
 * match can be in. Other conditions have no index: each would cost every job a write.
 */
export class Finder {
  readonly #query: JobQuery;
  readonly #memory: WorkingSet;
  readonly #level: Level;
  readonly #options: ReadOptions;
  readonly #reader: RecordReader;
  readonly #walks: RangeWalk[] = [];
  /** As of the same instant as the snapshot in the options; empty where they do not matter. */
  readonly #reserved: ReadonlyMap<JobId, JobHead>;

  constructor(query: JobQuery, memory: WorkingSet, level: Level, options: ReadOptions) {
    this.#query = query;
    this.#memory = memory;
    this.#level = level;
    this.#options = options;
    this.#reader = new RecordReader(level, options, memory.damage);
    const isOver = query.owes || (query.state !== undefined && isFinal(query.state));
    this.#reserved = isOver ? new Map() : memory.reservations.heads();
  }

  /** The heads that match, in the order that is asked for. To be called at the instant that the options are as of. */
  async find(): Promise<JobHead[]> {
    const { state, topic, live, leaseEndsBy, reservedBefore, limit, order } = this.#query;
    if (state === "reserved" || leaseEndsBy !== undefined || reservedBefore !== undefined) return this.#findReserved();
    const most = Math.min(limit, this.#memory.counts.count({ state, topic, live }));
    if (most === 0) return [];
    try {
      return await firstOf(this.#sources(), most, order);
    } finally {
      for (const walk of this.#walks) walk.end();
    }
  }

  /** As {@link find}, in no order and without a limit, a page at a time. */
  async *pages(): Pages {
    try {
      for (const source of this.#sources()) yield* source;
    } finally {
      for (const walk of this.#walks) walk.end();
    }
  }

  #findReserved(): JobHead[] {
    const found = [...this.#reserved.values()].filter((head) => matches(this.#query, head));
    found.sort((a, b) => (this.#comesBefore(a.id, b.id) ? -1 : 1));
    return found.slice(0, this.#query.limit).map(handOutHead);
  }

  #sources(): Pages[] {
    const { unique, slot, limitKey, owes, awaitsGroup, group, live, state } = this.#query;
    if (unique !== undefined) return [this.#withIds(this.#reader.holders([unique]))];
    if (slot === "held") return [this.#withIds(this.#memory.slots.holders(limitKey))];
    if (slot === "awaited" && limitKey !== undefined) {
      return [this.#withIds(waitingIds(this.#memory, this.#level, this.#options, limitKey))];
    }
    if (slot === "awaited") return [this.#inIndex(WAITING_FOR_SLOT)];
    if (owes) return [this.#inIndex(OWING_END)];
    if (awaitsGroup) return [this.#inIndex(AWAITING_GROUP)];
    if (group === undefined) return partitionsOf(this.#query).map((partition) => this.#inPartition(partition));
    const isLive = live || (state && !isFinal(state));
    const isEither = isLive === undefined;
    return [true, false].flatMap((kind) =>
      isEither || kind === isLive ? this.#inIndex(membersRange(group, kind)) : [],
    );
  }

  #inPartition(partition: Partition): Pages {
    const range = partitionRange(partition);
    const records = rangePages(
      (options) => this.#level.iterator(options),
      ([key]) => key,
      this.#rangeQuery(range, (id) => headKey(partition, id)),
      this.#walk(range),
      this.#options,
    );
    return mapped(records, async (page) => page.flatMap(([key, record]) => this.#match(key, record) ?? []));
  }

  #inIndex(range: KeyRange): Pages {
    const keys = rangePages(
      (options) => this.#level.keys(options),
      (key) => key,
      this.#rangeQuery(range, (id) => idKey(range, id)),
      this.#walk(range),
      this.#options,
    );
    return mapped(keys, (page) => this.#heads(page.map((key) => idIn(range, key))));
  }

  async *#withIds(some: readonly (JobId | undefined)[] | Promise<readonly (JobId | undefined)[]>): Pages {
    const { after = "", before } = this.#query;
    const ids = (await some).filter((id) => id !== undefined && id > after && (before === undefined || id < before));
    const sorted = (ids as JobId[]).sort((a, b) => (this.#comesBefore(a, b) ? -1 : 1));
    for (let at = 0; at < sorted.length; at += PAGE) yield await this.#heads(sorted.slice(at, at + PAGE));
  }

  async #heads(ids: readonly JobId[]): Promise<JobHead[]> {
    const heads = await this.#reader.heads(ids, this.#reserved);
    return heads.flatMap((head) => (head && matches(this.#query, head) ? handOutHead(head) : []));
  }

  #match(key: string, record: string): JobHead | undefined {
    const id = idOfHead(key);
    const reserved = this.#reserved.get(id);
    const { state } = this.#query;
    if (state !== undefined && (reserved || !isInState(record, state))) return undefined;
    const head = reserved ?? this.#memory.damage.absentIfDamaged(() => readHead(key, id, record));
    return head && matches(this.#query, head) ? handOutHead(head) : undefined;
  }

  #walk(range: KeyRange): RangeWalk {
    const walk = this.#memory.starts.walk(range);
    this.#walks.push(walk);
    return walk;
  }

  #rangeQuery(range: KeyRange, keyOf: (id: JobId) => string) {
    const { after, before, order, limit } = this.#query;
    const bound = (id: JobId | undefined): string | undefined => (id === undefined ? undefined : keyOf(id));
    return { range, after: bound(after), before: bound(before), isReverse: order === "newest", limit };
  }

  #comesBefore(a: JobId, b: JobId): boolean {
    return this.#query.order === "newest" ? a > b : a < b;
  }
}

async function* mapped<T>(
  pages: AsyncGenerator<readonly T[], void>,
  headsOf: (page: readonly T[]) => Promise<JobHead[]>,
): Pages {
  for await (const page of pages) yield await headsOf(page);
}

function partitionsOf({ state, live, reason, finishedBy, finishedFrom }: JobQuery): Partition[] {
  if (state !== undefined) return [partitionOf(state)];
  if (live) return ["live"];
  if (reason !== undefined) return ["canceled"];
  const all = Object.keys(PARTITIONS) as Partition[];
  return finishedBy === undefined && finishedFrom === undefined ? all : all.filter((partition) => partition !== "live");
}
