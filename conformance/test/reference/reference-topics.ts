import {
  checkEntries,
  compareEntries,
  type JobId,
  JobqError,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
  type TopicRepository,
} from "@jobq/core";
import { WriteFaults } from "../../src/index.ts";

/** What handles on one store share. */
export class TopicData {
  readonly entries = new Map<JobId, TopicEntry>();
  readonly paused = new Set<Topic>();
  /** Ready entries as they run, some of them gone since; kept until the next push. */
  readonly sorted = new Map<Topic, TopicEntry[]>();
  readonly listeners = new Set<readonly [TopicRepository, (topic: Topic) => void]>();
  readonly faults: WriteFaults;

  constructor(faults = new WriteFaults()) {
    this.faults = faults;
  }
}

/** A topic repository with nothing clever in it: right, slow, and easy to break in one place at a time. */
export class ReferenceTopics implements TopicRepository {
  readonly capabilities = { durable: true, shared: true };
  readonly data: TopicData;

  constructor(data = new TopicData()) {
    this.data = data;
  }

  async push(entries: readonly TopicEntry[]): Promise<void> {
    this.check(entries);
    if (entries.length === 0) return;
    this.persist(() => {
      for (const entry of entries) this.add({ ...entry });
    });
    for (const { topic } of entries) {
      for (const [owner, listener] of this.data.listeners) if (owner !== this) listener(topic);
    }
  }

  async pop(topic: Topic, limit: number): Promise<JobId[]> {
    if (this.isPaused(topic)) return [];
    return this.take(this.ready(topic).slice(0, limit));
  }

  async popDue(now: Timestamp, limit: number): Promise<JobId[]> {
    return this.take(this.due(now).slice(0, limit));
  }

  async nextDueAt(): Promise<Timestamp | undefined> {
    return this.delayed()[0]?.at;
  }

  async remove(ids: readonly JobId[]): Promise<void> {
    if (ids.length > 0) this.persist(() => this.dropAll(ids));
  }

  async topics(): Promise<TopicInfo[]> {
    const infos = new Map<Topic, { topic: Topic; ready: number; delayed: number; paused: boolean }>();
    const info = (topic: Topic) => {
      const one = infos.get(topic) ?? { topic, ready: 0, delayed: 0, paused: this.isPaused(topic) };
      infos.set(topic, one);
      return one;
    };
    for (const { topic, at } of this.data.entries.values()) info(topic)[at === undefined ? "ready" : "delayed"] += 1;
    for (const topic of this.data.paused) info(topic);
    return [...infos.values()];
  }

  async pause(topic: Topic, paused: boolean): Promise<void> {
    this.persist(() => {
      if (paused) this.data.paused.add(topic);
      else this.data.paused.delete(topic);
    });
  }

  async close(): Promise<void> {}

  onPush(listener: (topic: Topic) => void): () => void {
    const one = [this, listener] as const;
    this.data.listeners.add(one);
    return () => this.data.listeners.delete(one);
  }

  check(entries: readonly TopicEntry[]): void {
    checkEntries(entries);
  }

  add(entry: TopicEntry): void {
    this.data.entries.set(entry.id, entry);
    this.data.sorted.clear();
  }

  drop(id: JobId): void {
    this.data.entries.delete(id);
  }

  dropAll(ids: readonly JobId[]): void {
    for (const id of ids) this.drop(id);
  }

  take(entries: readonly TopicEntry[]): JobId[] {
    const ids = entries.map(({ id }) => id);
    if (ids.length > 0) this.persist(() => this.dropAll(ids));
    return ids;
  }

  /** Makes a write. */
  persist<T>(make: () => T): T {
    try {
      return this.data.faults.write(make);
    } catch (cause) {
      throw new JobqError("STORE_FAILED", "a write failed", { cause });
    }
  }

  isPaused(topic: Topic): boolean {
    return this.data.paused.has(topic);
  }

  ready(topic: Topic): TopicEntry[] {
    const { entries, sorted } = this.data;
    let list = sorted.get(topic);
    if (!list) {
      list = [...entries.values()].filter((entry) => this.isReady(entry, topic)).sort(this.compare);
      sorted.set(topic, list);
    }
    return list.filter((entry) => entries.get(entry.id) === entry);
  }

  isReady(entry: TopicEntry, topic: Topic): boolean {
    return entry.topic === topic && entry.at === undefined;
  }

  delayed(): TopicEntry[] {
    return [...this.data.entries.values()].filter(({ at }) => at !== undefined).sort(byInstant);
  }

  due(now: Timestamp): TopicEntry[] {
    return this.delayed().filter(({ at = 0 }) => at <= now);
  }

  compare(a: TopicEntry, b: TopicEntry): number {
    return compareEntries(a, b);
  }
}

/** Orders delayed entries: the earliest first. */
export function byInstant(a: TopicEntry, b: TopicEntry): number {
  return (a.at ?? 0) - (b.at ?? 0) || (a.id < b.id ? -1 : 1);
}
