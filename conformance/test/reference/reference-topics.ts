import {
  checkEntries,
  compareEntries,
  type JobId,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
  type TopicRepository,
} from "@jobq/core";

/** What handles on one store share. */
export class TopicData {
  readonly entries = new Map<JobId, TopicEntry>();
  readonly paused = new Set<Topic>();
  /** Ready entries as they run, some of them gone since; kept until the next push. */
  readonly sorted = new Map<Topic, TopicEntry[]>();
  readonly listeners = new Set<readonly [TopicRepository, (topic: Topic) => void]>();
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
    for (const entry of entries) {
      this.add({ ...entry });
      for (const [owner, listener] of this.data.listeners) if (owner !== this) listener(entry.topic);
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
    for (const id of ids) this.drop(id);
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
    if (paused) this.data.paused.add(topic);
    else this.data.paused.delete(topic);
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

  take(entries: readonly TopicEntry[]): JobId[] {
    for (const { id } of entries) this.drop(id);
    return entries.map(({ id }) => id);
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
